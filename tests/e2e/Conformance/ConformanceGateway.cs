using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.Conformance;

/// <summary>A gateway with the settings that the public interoperability suites take for granted.</summary>
public sealed class ConformanceGateway : IAsyncLifetime
{
    internal GatewayProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await GatewayProcess.StartAsync("Development", ("Mqtt__Profile", "conformance"));

    public async Task DisposeAsync() => await Process.DisposeAsync();
}
