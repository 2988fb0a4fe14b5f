using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>Retained messages while clients come.</summary>
public sealed class RetainedTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    [Fact]
    public async Task Retained_WhileClientsSubscribe_ReachesThemAll_TheNewestLast()
    {
        var devices = await gateway.Process.Api.CreateDevicesAsync(31);
        await using var publisher = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());

        await RetainedRace.RunAsync(publisher, devices[1..], [gateway.Process.Mqtt]);
    }
}
