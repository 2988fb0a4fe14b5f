using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Broadcasts;

/// <summary>One message to every online device of a product.</summary>
public sealed class BroadcastTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private const int PayloadBytesMax = 64 * 1024;

    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Broadcast_WithoutTopic_ReachesEveryOnlineDeviceOnceWithoutSubscription()
    {
        var devices = await Api.CreateDevicesAsync(10);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);

        var answer = await Api.BroadcastAsync(devices[0].ProductKey, "to all");

        answer.Expect(HttpStatusCode.OK);
        Assert.True(answer.Number("messageId") > 0);
        for (var i = 0; i < devices.Length; i++)
        {
            var message = await clients[i].ReceiveAsync("the broadcast");
            Assert.Equal(devices[i].BroadcastTopic(answer.MessageId), message.Topic);
            Assert.Equal("to all", message.Text);
            Assert.Equal(QoS.AtMostOnce, message.QoS);
        }

        await clients.AssertNothingWaitsAsync();
        AssertTally(answer, targeted: 10, written: 10);
    }

    [Fact]
    public async Task Broadcast_Answered_GivesTheSameReceiptAsGetBroadcast()
    {
        var devices = await Api.CreateDevicesAsync(3);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);

        var answer = (await Api.BroadcastAsync(devices[0].ProductKey, "twelve bytes")).Expect(HttpStatusCode.OK);
        var receipt = (await Api.GetAsync($"/v1/products/{devices[0].ProductKey}/broadcasts/{answer.MessageId}")).Expect(HttpStatusCode.OK);

        Assert.Equal("COMPLETED", receipt.Text("status"));
        Assert.Equal(answer.MessageId, receipt.MessageId);
        Assert.Equal(devices[0].ProductKey, receipt.Text("productKey"));
        Assert.Equal(12, receipt.Number("payloadSize"));
        Assert.True(receipt.Has("createdAt"));
        Assert.True(receipt.Has("completedAt"));
        AssertTally(receipt, targeted: 3, written: 3);
    }

    [Fact]
    public async Task Broadcast_ToOfflineDevices_CountsAndKeepsNothing()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var online = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());

        var answer = await Api.BroadcastAsync(devices[0].ProductKey, "now");

        AssertTally(answer, targeted: 1, written: 1);
        await using var late = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect());
        await late.PingAsync();
        Assert.Equal(0, late.Waiting);
    }

    [Fact]
    public async Task Broadcast_WithTopic_ReachesOnlyThoseWhoSubscribed()
    {
        var devices = await Api.CreateDevicesAsync(3);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);
        var topic = $"/broadcast/{devices[0].ProductKey}/news";
        Assert.Equal(ReasonCode.Success, await clients[0].SubscribeAsync(topic));
        Assert.Equal(ReasonCode.Success, await clients[1].SubscribeAsync($"/broadcast/{devices[0].ProductKey}/+"));

        var answer = (await Api.BroadcastAsync(devices[0].ProductKey, "to some", topic)).Expect(HttpStatusCode.OK);

        Assert.Equal(topic, (await clients[0].ReceiveAsync("the broadcast by its topic")).Topic);
        Assert.Equal(topic, (await clients[1].ReceiveAsync("the broadcast by a wildcard")).Topic);
        await clients.AssertNothingWaitsAsync();
        AssertTally(answer, targeted: 2, written: 2);
    }

    [Fact]
    public async Task Broadcast_WithTopicOfAnotherProduct_IsRefused()
    {
        var productKey = await Api.CreateProductAsync();

        var answer = await Api.BroadcastAsync(productKey, "x", "/broadcast/other/news");

        answer.Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Broadcast_WithQoS1_IsAcknowledgedAndNotSentAgain(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version, cleanStart: false, sessionExpiry: Expiry(version)));

        var answer = await Api.BroadcastAsync(device.ProductKey, "certain", qos: 1);

        AssertTally(answer, targeted: 1, written: 1);
        var message = await client.ReceiveAsync("the broadcast");
        Assert.Equal((QoS.AtLeastOnce, false), (message.QoS, message.IsDuplicate));
        Assert.Equal(device.BroadcastTopic(answer.MessageId), message.Topic);
        await client.PingAsync();
        await client.DisconnectAsync();
        await using var again = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version, cleanStart: false, sessionExpiry: Expiry(version)));
        await again.PingAsync();
        Assert.Equal(0, again.Waiting);
    }

    [Fact]
    public async Task Broadcast_ToOneProduct_LeavesOthersAlone()
    {
        var (ours, theirs) = (await Api.CreateDeviceAsync(), await Api.CreateDeviceAsync());
        await using var our = await RawClient.ConnectAsync(gateway.Process.Mqtt, ours.Connect());
        await using var their = await RawClient.ConnectAsync(gateway.Process.Mqtt, theirs.Connect());

        AssertTally(await Api.BroadcastAsync(ours.ProductKey, "ours"), targeted: 1, written: 1);

        Assert.Equal("ours", (await our.ReceiveAsync("the broadcast")).Text);
        await their.PingAsync();
        Assert.Equal(0, their.Waiting);
    }

    [Fact]
    public async Task Broadcasts_OneAfterAnother_ArriveInTheirOrder()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);
        for (var i = 0; i < 50; i++)
        {
            (await Api.BroadcastAsync(devices[0].ProductKey, $"{i}")).Expect(HttpStatusCode.OK);
        }

        foreach (var client in clients)
        {
            var messages = await client.ReceiveAsync(50, "the broadcasts");
            Assert.Equal(Enumerable.Range(0, 50).Select(static i => $"{i}"), messages.Select(static m => m.Text));
        }
    }

    [Fact]
    public async Task Broadcast_AtTheSizeLimit_ArrivesWhole()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        var payload = new byte[PayloadBytesMax];
        Random.Shared.NextBytes(payload);

        AssertTally(await Api.BroadcastAsync(device.ProductKey, payload), targeted: 1, written: 1);

        Assert.Equal(payload, (await client.ReceiveAsync("the broadcast")).Payload);
    }

    [Fact]
    public async Task Broadcast_OneByteOverTheLimit_IsRefused()
    {
        var productKey = await Api.CreateProductAsync();

        (await Api.BroadcastAsync(productKey, new byte[PayloadBytesMax + 1])).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
    }

    [Fact]
    public async Task Broadcast_OfUnknownQoS_IsRefused() =>
        (await Api.BroadcastAsync(await Api.CreateProductAsync(), "x", qos: 2)).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");

    [Fact]
    public async Task Broadcast_ToUnknownProduct_IsNotFound() =>
        (await Api.BroadcastAsync(RestApi.NewKey("nobody"), "x")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

    [Fact]
    public async Task Broadcast_ToDisabledProduct_IsRefused()
    {
        var productKey = await Api.CreateProductAsync();
        (await Api.PostAsync($"/v1/products/{productKey}:disable")).Expect(HttpStatusCode.OK);

        (await Api.BroadcastAsync(productKey, "x")).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");
    }

    [Fact]
    public async Task Broadcast_AtTheMomentOfConnack_CountsTheDevice()
    {
        var devices = await Api.CreateDevicesAsync(50);
        for (var i = 0; i < devices.Length; i++)
        {
            await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[i].Connect());
            AssertTally(await Api.BroadcastAsync(devices[0].ProductKey, "x"), targeted: 1, written: 1);
            await client.ReceiveAsync("the broadcast");
            await client.DisconnectAsync();
            await Api.UntilOnlineAsync(devices[i], online: false);
        }
    }

    [Fact]
    public async Task GetBroadcast_OfUnknownId_IsNotFound() =>
        (await Api.GetAsync($"/v1/products/{await Api.CreateProductAsync()}/broadcasts/1")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

    [Fact]
    public async Task Broadcast_LargerThanADeviceTakes_CountsItAsDropped()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var small = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect(maximumPacketSize: 256));
        await using var large = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect());

        var answer = await Api.BroadcastAsync(devices[0].ProductKey, new byte[1024]);

        AssertTally(answer, targeted: 2, written: 1, dropped: 1);
        Assert.Equal(1024, (await large.ReceiveAsync("the broadcast")).Payload.Length);
        await small.PingAsync();
        Assert.Equal(0, small.Waiting);
    }

    [Fact]
    public async Task Broadcasts_ManyAtOnce_ReachEachDeviceOnceEach()
    {
        const int Broadcasts = 200;
        var devices = await Api.CreateDevicesAsync(10);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);

        var answers = await Task.WhenAll(Enumerable.Range(0, Broadcasts).Select(i => Api.BroadcastAsync(devices[0].ProductKey, $"{i}")));

        Assert.All(answers, static answer => AssertTally(answer, targeted: 10, written: 10));
        var messageIds = answers.Select(static answer => answer.MessageId).ToArray();
        Assert.Equal(Broadcasts, messageIds.Distinct().Count());
        for (var i = 0; i < devices.Length; i++)
        {
            var messages = await clients[i].ReceiveAsync(Broadcasts, "the broadcasts");
            var expected = messageIds.Select((messageId, number) => (devices[i].BroadcastTopic(messageId), $"{number}"));
            Assert.Equal(expected.Order(), messages.Select(static m => (m.Topic, m.Text)).Order());
        }

        await clients.AssertNothingWaitsAsync();
    }

    // What is counted as written arrives, and nothing else; those who read are not held up by one who does not.
    [Fact]
    public async Task Broadcasts_ToADeviceThatDoesNotRead_AreDroppedForItAloneAndCounted()
    {
        const int Broadcasts = 200;
        var devices = await Api.CreateDevicesAsync(2);
        await using var slow = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());
        await using var quick = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect());
        slow.StopReading();

        var (written, dropped) = (0L, 0L);
        for (var i = 0; i < Broadcasts; i++)
        {
            var answer = (await Api.BroadcastAsync(devices[0].ProductKey, new byte[PayloadBytesMax])).Expect(HttpStatusCode.OK);
            Assert.Equal(2, answer.Number("targeted"));
            Assert.Equal(2, answer.Number("written") + answer.Number("dropped"));
            written += answer.Number("written");
            dropped += answer.Number("dropped");
        }

        Assert.True(dropped > 0, "Nothing was dropped: the system's buffers took it all.");
        await quick.ReceiveAsync(Broadcasts, "the broadcasts to the device that reads");
        slow.ReadOn();
        await slow.ReceiveAsync((int)(written - Broadcasts), "what was written to the device that did not read");
        await slow.PingAsync();
        Assert.Equal(0, slow.Waiting);
        AssertTally(await Api.BroadcastAsync(devices[0].ProductKey, "again"), targeted: 2, written: 2);
    }

    internal static void AssertTally(Answer answer, long targeted, long written, long dropped = 0)
    {
        answer.Expect(HttpStatusCode.OK);
        Assert.Equal(
            (targeted, written, dropped, 0L), (answer.Number("targeted"), answer.Number("written"), answer.Number("dropped"), answer.Number("unknown")));
    }

    private static uint? Expiry(ProtocolVersion version) => version == ProtocolVersion.Mqtt500 ? 60u : null;
}
