namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>A gateway that the tests of one class share, each with its own products and devices.</summary>
public sealed class DevelopmentGateway : IAsyncLifetime
{
    internal GatewayProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await GatewayProcess.StartAsync();

    public async Task DisposeAsync() => await Process.DisposeAsync();
}
