using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>One client's connections, several at a time and at random, over real sockets.</summary>
public sealed class TakeoverTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    [Fact]
    public async Task Takeovers_AtRandom_LoseNoAcknowledgedMessage() =>
        await new TakeoverScenario(gateway.Process.Api, [gateway.Process.Mqtt], Random.Shared.Next()).RunAsync();
}
