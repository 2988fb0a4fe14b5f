using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Cluster.Tests.Hosts;

/// <summary>One gateway, as the gateway's own program composes it.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private const string AdminKey = "0123456789abcdef0123";

    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private bool _isStopped;

    private GatewayHost(WebApplication app, IPEndPoint mqtt)
    {
        _app = app;
        Mqtt = mqtt;
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public IPEndPoint Mqtt { get; }

    public IServiceProvider Services => _app.Services;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public static async Task<GatewayHost> StartAsync(string connectionString, string id, int port, (string Setting, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Cluster:ConnectionString"] = connectionString,
            ["Mqtt:GatewayId"] = id,
            ["Mqtt:Address"] = "127.0.0.1",
            ["Mqtt:Port"] = port.ToString(CultureInfo.InvariantCulture),
            ["Mqtt:AllowAnonymous"] = "true",
            ["Mqtt:FreeTopics"] = "true",
            ["Http:Address"] = "127.0.0.1",
            ["Http:Port"] = "0",
            ["Grpc:Address"] = "127.0.0.1",
            ["Grpc:Port"] = "0",
            ["Bootstrap:AdminKey"] = AdminKey,
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create(s.Setting, (string?)s.Value)));
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.AddGrains();
        builder.AddGateway();
        var app = builder.Build();
        app.MapGateway();
        await app.StartAsync();
        return new GatewayHost(app, new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <summary>Connects a device of the product <c>demo</c>.</summary>
    public Task<RawClient> ConnectAsync(string device, ProtocolVersion version = ProtocolVersion.Mqtt500, bool acknowledges = true, WillMessage? will = null) =>
        RawClient.ConnectAsync(
            Mqtt,
            new ConnectPacket
            {
                Version = version,
                ClientId = device,
                UserName = $"{device}&demo",
                Password = "any"u8.ToArray(),
                CleanStart = true,
                KeepAlive = 60,
                Will = will,
            },
            acknowledges);

    /// <summary>Sends a device of the product <c>demo</c> a QoS 1 message.</summary>
    public Task<JsonNode> SendAsync(string device, string messageId) =>
        PostAsync($"/v1/products/demo/devices/{device}/messages", new { messageId, payload = "aGk=" });

    public Task<JsonNode> BroadcastAsync(string product = "demo") => PostAsync($"/v1/products/{product}/broadcasts", new { messageContent = "aGk=" });

    public async Task<JsonNode> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>(path))!;

    public Task<JsonNode> GetDeviceAsync(string device) => GetAsync($"/v1/products/demo/devices/{device}");

    public async Task<JsonNode> PostAsync(string path, object body)
    {
        using var response = await _http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Stops it as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await _app.StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        await _app.DisposeAsync();
    }
}
