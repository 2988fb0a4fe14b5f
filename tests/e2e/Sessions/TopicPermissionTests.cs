using System.Net;
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

    [Fact]
    public async Task Product_MayPermitMore()
    {
        var devices = await Api.CreateDevicesAsync(2);
        var productKey = devices[0].ProductKey;
        await PermitAsync(productKey, ("/${productKey}/+/cmd", "PUBLISH"), ("fleet/${productKey}/#", "PUBLISH_AND_SUBSCRIBE"), ("/${productKey}/+/event", "SUBSCRIBE"));
        await using var reader = await ConnectAsync(devices[0]);
        await using var writer = await ConnectAsync(devices[1]);

        Assert.Equal(ReasonCode.GrantedQoS1, await reader.SubscribeAsync(devices[0].Topic("cmd"), QoS.AtLeastOnce));
        Assert.Equal(ReasonCode.GrantedQoS1, await reader.SubscribeAsync($"fleet/{productKey}/+", QoS.AtLeastOnce));
        Assert.Equal(ReasonCode.GrantedQoS1, await reader.SubscribeAsync($"$share/g/{devices[0].Topic("").Replace(devices[0].Name, "+", StringComparison.Ordinal)}event", QoS.AtLeastOnce));
        Assert.Equal(ReasonCode.NotAuthorized, await reader.SubscribeAsync("fleet/other/+"));

        foreach (var topic in new[] { devices[0].Topic("cmd"), $"fleet/{productKey}/news", devices[1].Topic("event") })
        {
            Assert.Equal(ReasonCode.Success, await writer.PublishAsync(topic, topic, QoS.AtLeastOnce));
            Assert.Equal(topic, (await reader.ReceiveAsync($"the message on {topic}")).Topic);
        }

        Assert.Equal(ReasonCode.NotAuthorized, await writer.PublishAsync(devices[0].Topic("event"), "forged", QoS.AtLeastOnce));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Permission_ThatIsTakenBack_EndsWhatItPermitted(bool isKept)
    {
        var device = await Api.CreateDeviceAsync();
        await PermitAsync(device.ProductKey, ("fleet/#", "PUBLISH_AND_SUBSCRIBE"));
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(sessionExpiry: isKept ? 600u : 0));
        await client.SubscribeAsync("fleet/news", QoS.AtLeastOnce);
        await client.SubscribeAsync(device.Topic("own"), QoS.AtLeastOnce);

        await PermitAsync(device.ProductKey, ("fleet/other", "SUBSCRIBE"));

        Assert.Equal(ReasonCode.NotAuthorized, await client.ClosedAsync("the close of a client that is subscribed to what it may not"));
        await using var again = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(cleanStart: false, sessionExpiry: 600));
        Assert.Equal(ReasonCode.NotAuthorized, await again.PublishAsync("fleet/news", "x", QoS.AtLeastOnce));
        if (isKept)
        {
            Assert.True(again.ConnAck!.SessionPresent);
            Assert.Equal(ReasonCode.Success, await again.PublishAsync(device.Topic("own"), "still", QoS.AtLeastOnce));
            Assert.Equal("still", (await again.ReceiveAsync("what it is still subscribed to")).Text);
        }
    }

    [Theory]
    [InlineData("/sys/#", "PUBLISH")]
    [InlineData("#", "SUBSCRIBE")]
    [InlineData("a", "ACCESS_UNSPECIFIED")]
    [InlineData("a/#/b", "PUBLISH")]
    public async Task Permission_ThatCanNotBe_IsRefused(string filter, string access)
    {
        var productKey = await Api.CreateProductAsync();
        var answer = await Api.PostAsync($"/v1/products/{productKey}:setTopicPermissions", new { topicPermissions = new[] { new { filter, access } } });
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("topicPermissions", answer.Text("message"), StringComparison.Ordinal);
    }

    private async Task PermitAsync(string productKey, params (string Filter, string Access)[] permissions) =>
        (await Api.PostAsync(
            $"/v1/products/{productKey}:setTopicPermissions",
            new { topicPermissions = permissions.Select(static permission => new { filter = permission.Filter, access = permission.Access }) })).Expect(HttpStatusCode.OK);

    private Task<RawClient> ConnectAsync(Device device, ProtocolVersion version = ProtocolVersion.Mqtt500) =>
        RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version));
}
