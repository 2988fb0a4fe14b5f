namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>A gateway with nothing opened, that the tests of one class share.</summary>
public sealed class ProductionGateway : IAsyncLifetime
{
    internal GatewayProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await GatewayProcess.StartAsync("Production");

    public async Task DisposeAsync() => await Process.DisposeAsync();
}
