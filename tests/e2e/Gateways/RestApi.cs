using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>Calls the REST API. Every name that it makes is unique, so that tests share a gateway.</summary>
internal sealed class RestApi : IDisposable
{
    public RestApi(Uri address, string? key)
    {
        Address = address;
        Http = new HttpClient { BaseAddress = address };
        Http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static string NewKey(string prefix) => $"{prefix}-{Guid.NewGuid():N}"[..24];

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Answer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public async Task<string> CreateProductAsync()
    {
        var productKey = NewKey("p");
        (await PostAsync("/v1/products", new { productKey })).Expect(HttpStatusCode.Created);
        return productKey;
    }

    /// <summary>A device, in a new product unless one is given.</summary>
    public async Task<Device> CreateDeviceAsync(string? productKey = null) => (await CreateDevicesAsync(1, productKey))[0];

    public async Task<Device[]> CreateDevicesAsync(int count, string? productKey = null)
    {
        productKey ??= await CreateProductAsync();
        var deviceNames = Enumerable.Range(0, count).Select(static i => $"d{i:D5}-{Guid.NewGuid():N}"[..16]).ToArray();
        var answer = (await PostAsync($"/v1/products/{productKey}/devices:batchCreate", new { deviceNames })).Expect(HttpStatusCode.Created);
        return [.. answer.Items("devices").Select(d => new Device(productKey, Answer.TextOf(d, "deviceName"), Answer.TextOf(d, "deviceSecret")))];
    }

    public Task<Answer> DeviceAsync(Device device) => GetAsync(PathOf(device));

    /// <summary>Waits until the API shows the device online, or offline.</summary>
    public Task<Answer> UntilOnlineAsync(Device device, bool online) =>
        Deadline.UntilAsync(() => DeviceAsync(device), d => d.Flag("online") == online, $"{device.Name} is {(online ? "online" : "offline")}");

    public Task<Answer> BroadcastAsync(string productKey, string content, string topicFullName = "", int qos = 0) =>
        BroadcastAsync(productKey, Encoding.UTF8.GetBytes(content), topicFullName, qos);

    public Task<Answer> BroadcastAsync(string productKey, byte[] messageContent, string topicFullName = "", int qos = 0) =>
        PostAsync($"/v1/products/{productKey}/broadcasts", new { messageContent, topicFullName, qos });

    /// <summary>Sends a message with the fields given, and expects that it is accepted.</summary>
    public async Task<Answer> SendMessageAsync(Device device, string payload, int qos = 1, string messageId = "", string topic = "", long? ttl = null) =>
        (await TrySendMessageAsync(device, payload, qos, messageId, topic, ttl)).Expect(HttpStatusCode.Created);

    public Task<Answer> TrySendMessageAsync(Device device, string payload, int qos = 1, string messageId = "", string topic = "", long? ttl = null) =>
        PostAsync($"{PathOf(device)}/messages", new { payload = Encoding.UTF8.GetBytes(payload), qos, messageId, topic, ttl });

    public Task<Answer> MessageAsync(Device device, string messageId) => GetAsync($"{PathOf(device)}/messages/{messageId}");

    public Task<Answer> UntilMessageIsAsync(Device device, string messageId, string status, TimeSpan? patience = null) =>
        Deadline.UntilAsync(() => MessageAsync(device, messageId), m => m.MessageStatus == status, $"message {messageId} is {status}", patience);

    public static string PathOf(Device device) => $"/v1/products/{device.ProductKey}/devices/{device.Name}";

    public void Dispose() => Http.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }
}
