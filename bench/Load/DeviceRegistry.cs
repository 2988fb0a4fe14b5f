using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>Registers devices through the public REST API of a platform.</summary>
internal sealed class DeviceRegistry : IDisposable
{
    // As many as one call takes.
    private const int DevicesPerCall = 1_000;

    private readonly HttpClient _client;

    public DeviceRegistry(IPlatform platform)
    {
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{platform.HttpPorts[0]}/v1/products/"), Timeout = TimeSpan.FromSeconds(60) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", platform.Key);
    }

    /// <summary>Makes a product whose devices do not register themselves.</summary>
    public void CreateProduct(string productKey) => Post("../products", new { productKey, name = "Connect storm" }).Dispose();

    /// <summary>Registers devices, and answers their secrets.</summary>
    public string[] Register(DeviceNames names, int devices)
    {
        var secrets = new List<string>(devices);
        while (secrets.Count < devices)
        {
            var next = Enumerable.Range(secrets.Count, Math.Min(DevicesPerCall, devices - secrets.Count)).Select(names.NameOf);
            using var answer = Post($"{names.ProductKey}/devices:batchCreate", new { deviceNames = next });
            secrets.AddRange(answer.RootElement.GetProperty("devices").EnumerateArray().Select(static device => device.GetProperty("deviceSecret").GetString()!));
        }

        return [.. secrets];
    }

    public void Dispose() => _client.Dispose();

    private JsonDocument Post(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using var answer = _client.Send(request);
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(answer.Content.ReadAsStream())
            : throw new IOException($"POST {path} was answered with {(int)answer.StatusCode}");
    }
}
