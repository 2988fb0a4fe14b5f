using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Conformance;

/// <summary>What <c>client_test.py</c> asks.</summary>
public sealed class Paho311SuiteTests(ConformanceGateway gateway) : SuiteTests(gateway, ProtocolVersion.Mqtt311), IClassFixture<ConformanceGateway>
{
    [Fact]
    public async Task EmptyClientId_IsTakenWithACleanSessionOnly()
    {
        var refused = await Assert.ThrowsAsync<ConnectRefusedException>(() => ConnectAsync(WithoutClientId(cleanSession: false)));
        Assert.Equal(ReasonCode.ClientIdentifierNotValid, refused.Reason);
        await using var client = await ConnectAsync(WithoutClientId(cleanSession: true));
        await client.PingAsync();
    }

    private static ConnectPacket WithoutClientId(bool cleanSession) => new() { Version = ProtocolVersion.Mqtt311, CleanStart = cleanSession };
}
