using System.Net;
using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>A gateway that may push to this machine, and does not wait long.</summary>
public sealed class PushingGateway : IAsyncLifetime
{
    internal GatewayProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await StartAsync();

    public async Task DisposeAsync() => await Process.DisposeAsync();

    internal static Task<GatewayProcess> StartAsync(params (string Name, string Value)[] settings) => GatewayProcess.StartAsync(settings: [
        ("Messages__Push__AllowPrivateAddresses", "true"),
        ("Messages__Push__PollInterval", "00:00:00.020"),
        ("Messages__Push__RetryMin", "00:00:00.050"),
        ("Messages__Push__RetryMax", "00:00:00.200"),
        ("Messages__Push__Timeout", "00:00:01"),
        .. settings,
    ]);

    /// <summary>Has a product's events pushed.</summary>
    internal static async Task<Answer> PushAsync(GatewayProcess gateway, string url, string productKey, params string[] statuses) =>
        (await gateway.Api.PostAsync("/v1/statusPushes", new { url, productKey, statuses })).Expect(HttpStatusCode.Created);
}
