using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>Outside Development a device has its own branches, and no others.</summary>
public sealed class TopicPermissionTests(ProductionGateway gateway) : IClassFixture<ProductionGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Theory]
    [InlineData("#")]
    [InlineData("+/+")]
    [InlineData("/#")]
    [InlineData("/{pk}/#")]
    [InlineData("/{pk}/+/news")]
    [InlineData("/{pk}/other/news")]
    [InlineData("/sys/{pk}/other/#")]
    [InlineData("/broadcast/other/news")]
    [InlineData("free/topic")]
    [InlineData("$SYS/#")]
    [InlineData("$share/group/free/topic")]
    [InlineData("$share/group/#")]
    public async Task Subscribe_BeyondTheDevicesBranches_IsNotAuthorized(string filter)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device);

        Assert.Equal(ReasonCode.NotAuthorized, await client.SubscribeAsync(filter.Replace("{pk}", device.ProductKey, StringComparison.Ordinal)));
        await client.PingAsync();
    }

    [Fact]
    public async Task Subscribe_BeyondTheDevicesBranchesOn311_Fails()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device, ProtocolVersion.Mqtt311);

        Assert.Equal([ReasonCode.UnspecifiedError, ReasonCode.Success], await client.SubscribeAsync(("free/topic", QoS.AtMostOnce), (device.Topic("own"), QoS.AtMostOnce)));
    }

    [Fact]
    public async Task Subscribe_ToItsOwnBranches_IsGranted()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device);

        var codes = await client.SubscribeAsync(
            (device.Topic("#"), QoS.AtLeastOnce),
            ($"/sys/{device.ProductKey}/{device.Name}/+/up", QoS.ExactlyOnce),
            ($"/broadcast/{device.ProductKey}/#", QoS.AtMostOnce));

        Assert.Equal([ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS2, ReasonCode.Success], codes);
    }

    [Theory]
    [InlineData("/{pk}/other/news")]
    [InlineData("/sys/{pk}/other/x")]
    [InlineData("/broadcast/{pk}/news")]
    [InlineData("free/topic")]
    [InlineData("$SYS/x")]
    public async Task Publish_BeyondTheDevicesBranches_IsNotAuthorized(string topic)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device);
        topic = topic.Replace("{pk}", device.ProductKey, StringComparison.Ordinal);

        Assert.Equal(ReasonCode.NotAuthorized, await client.PublishAsync(topic, "x", QoS.AtLeastOnce));
        Assert.Equal(ReasonCode.NotAuthorized, await client.PublishAsync(topic, "x", QoS.ExactlyOnce));
        await client.PingAsync();
    }

    [Fact]
    public async Task Publish_BeyondTheDevicesBranches_ReachesNobody()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var victim = await ConnectAsync(devices[0]);
        await victim.SubscribeAsync(devices[0].Topic("#"));
        await using var other = await ConnectAsync(devices[1], ProtocolVersion.Mqtt311);

        // 3.1.1 has no way to say no to a publish.
        Assert.Equal(ReasonCode.Success, await other.PublishAsync(devices[0].Topic("news"), "forged", QoS.AtLeastOnce));

        await victim.PingAsync();
        Assert.Equal(0, victim.Waiting);
    }

    [Fact]
    public async Task Will_BeyondTheDevicesBranches_RefusesTheConnection()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt);

        client.Send(device.Connect(will: new WillMessage { Topic = "free/topic" }));

        Assert.Equal(ReasonCode.NotAuthorized, (await client.ConnAckAsync()).ReasonCode);
        await client.ClosedAsync("the close after the refusal");
        await Api.UntilOnlineAsync(device, online: false);
    }

    private Task<RawClient> ConnectAsync(Device device, ProtocolVersion version = ProtocolVersion.Mqtt500) =>
        RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version));
}
