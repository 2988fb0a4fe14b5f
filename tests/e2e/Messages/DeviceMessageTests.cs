using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>A message's life: accepted, sent, delivered, or ended otherwise.</summary>
public sealed class DeviceMessageTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private const int PayloadBytesMax = 256 * 1024;

    private RestApi Api => gateway.Process.Api;

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Message_ToOfflineDevice_WaitsAndIsDeliveredWhenItConnects(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();

        var accepted = await Api.SendMessageAsync(device, "waiting");

        Assert.Equal("PENDING", accepted.MessageStatus);
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version));
        var message = await client.ReceiveAsync("the message that waited");
        Assert.Equal((device.MessageTopic(accepted.MessageId), "waiting", QoS.AtLeastOnce, false), (message.Topic, message.Text, message.QoS, message.IsDuplicate));
        var delivered = await Api.UntilMessageIsAsync(device, accepted.MessageId, "DELIVERED");
        Assert.Equal(1, delivered.Number("attempts"));
        Assert.True(delivered.Has("sentAt"));
        Assert.True(delivered.Has("finishedAt"));
    }

    [Fact]
    public async Task Message_ToOnlineDevice_IsSentAndThenDeliveredByItsAcknowledgement()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device, acknowledges: false);

        var sent = await Api.SendMessageAsync(device, "now");

        Assert.Equal("SENT", sent.MessageStatus);
        var message = await client.ReceiveAsync("the message");
        Assert.Equal("SENT", (await Api.MessageAsync(device, sent.MessageId)).MessageStatus);
        client.Acknowledge(message);
        await Api.UntilMessageIsAsync(device, sent.MessageId, "DELIVERED");
    }

    [Fact]
    public async Task Message_AtQoS0ToOnlineDevice_IsDeliveredOnceWritten()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device);

        var answer = await Api.SendMessageAsync(device, "light", qos: 0);

        Assert.Equal("DELIVERED", answer.MessageStatus);
        Assert.Equal(QoS.AtMostOnce, (await client.ReceiveAsync("the message")).QoS);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_AHundred_ArriveInTheirOrder(bool online)
    {
        var device = await Api.CreateDeviceAsync();
        var early = online ? await ConnectAsync(device) : null;
        for (var i = 0; i < 100; i++)
        {
            await Api.SendMessageAsync(device, $"{i}", qos: i % 3 == 0 ? 0 : 1);
        }

        await using var client = early ?? await ConnectAsync(device);

        var messages = await client.ReceiveAsync(100, "the messages in order");
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"{i}"), messages.Select(static m => m.Text));
        Assert.All(messages, static m => Assert.False(m.IsDuplicate));
    }

    [Fact]
    public async Task Message_RepeatedById_GivesTheFirstAnswerAndIsSentOnce()
    {
        var device = await Api.CreateDeviceAsync();
        var first = await Api.SendMessageAsync(device, "same", messageId: "order-1");

        var second = await Api.SendMessageAsync(device, "same", messageId: "order-1");

        Assert.Equal(first.Body.ToString(), second.Body.ToString());
        await using var client = await ConnectAsync(device);
        await client.ReceiveAsync("the message");
        await Api.UntilMessageIsAsync(device, "order-1", "DELIVERED");
        Assert.Equal("DELIVERED", (await Api.SendMessageAsync(device, "same", messageId: "order-1")).MessageStatus);
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Message_RepeatedByIdManyTimesAtOnce_IsSentOnce()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Api.SendMessageAsync(device, "same", messageId: "order-1")));

        Assert.Single(answers.Select(static a => a.Text("createdAt")).Distinct());
        await Api.UntilMessageIsAsync(device, "order-1", "DELIVERED");
        await client.ReceiveAsync("the message");
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Message_OfKnownIdAndOtherContent_AlreadyExists()
    {
        var device = await Api.CreateDeviceAsync();
        await Api.SendMessageAsync(device, "one", messageId: "order-1");

        (await Api.TrySendMessageAsync(device, "other", messageId: "order-1")).Expect(HttpStatusCode.Conflict, "ALREADY_EXISTS");
    }

    [Fact]
    public async Task Message_WithTimeToLive_EndsAsTimeout()
    {
        var device = await Api.CreateDeviceAsync();
        var accepted = await Api.SendMessageAsync(device, "short", ttl: 1);

        var ended = await Api.UntilMessageIsAsync(device, accepted.MessageId, "TIMEOUT");

        Assert.NotEmpty(ended.Text("reason"));
        await using var client = await ConnectAsync(device);
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Message_UnacknowledgedPastItsTimeToLive_EndsAsTimeout()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device, acknowledges: false);

        var sent = await Api.SendMessageAsync(device, "short", ttl: 1);

        Assert.Equal("SENT", sent.MessageStatus);
        await Api.UntilMessageIsAsync(device, sent.MessageId, "TIMEOUT");
    }

    [Fact]
    public async Task Message_WithoutTimeToLiveToOfflineDevice_Fails()
    {
        var device = await Api.CreateDeviceAsync();

        var answer = await Api.SendMessageAsync(device, "never cached", ttl: 0);

        Assert.Equal("FAILED", answer.MessageStatus);
        Assert.NotEmpty(answer.Text("reason"));
    }

    [Fact]
    public async Task Message_WithTopic_WaitsForTheSubscription()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device);
        var topic = device.Topic("orders");
        var accepted = await Api.SendMessageAsync(device, "on a topic", topic: topic);
        Assert.Equal("PENDING", accepted.MessageStatus);

        // One without a topic of its own does not wait behind it.
        await Api.SendMessageAsync(device, "at once");
        Assert.Equal("at once", (await client.ReceiveAsync("the message without a topic")).Text);

        await client.SubscribeAsync(device.Topic("#"), QoS.AtLeastOnce);

        var message = await client.ReceiveAsync("the message that waited for the subscription");
        Assert.Equal((topic, "on a topic"), (message.Topic, message.Text));
        await Api.UntilMessageIsAsync(device, accepted.MessageId, "DELIVERED");
    }

    [Fact]
    public async Task Messages_BeyondReceiveMaximum_WaitForAcknowledgements()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(receiveMaximum: 3), acknowledges: false);
        for (var i = 0; i < 5; i++)
        {
            await Api.SendMessageAsync(device, $"{i}");
        }

        var first = await client.ReceiveAsync(3, "the messages of the window");
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
        client.Acknowledge(first[0]);

        Assert.Equal("3", (await client.ReceiveAsync("the message that the acknowledgement lets through")).Text);
    }

    [Fact]
    public async Task Message_LargerThanTheDeviceTakes_Fails()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(maximumPacketSize: 200));

        var answer = await Api.SendMessageAsync(device, new string('x', 200));

        var ended = await Api.UntilMessageIsAsync(device, answer.MessageId, "FAILED");
        Assert.NotEmpty(ended.Text("reason"));
        await Api.SendMessageAsync(device, "small");
        Assert.Equal("small", (await client.ReceiveAsync("the message behind it")).Text);
    }

    [Fact]
    public async Task Message_AtTheSizeLimit_ArrivesWhole()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device);
        var text = new string('x', PayloadBytesMax);

        await Api.SendMessageAsync(device, text);

        Assert.Equal(text, (await client.ReceiveAsync("the message")).Text);
    }

    [Fact]
    public async Task Message_OneByteOverTheLimit_IsRefused()
    {
        var device = await Api.CreateDeviceAsync();

        (await Api.TrySendMessageAsync(device, new string('x', PayloadBytesMax + 1))).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
    }

    [Fact]
    public async Task Message_WhenAHundredWait_IsRefused()
    {
        var device = await Api.CreateDeviceAsync();
        await Parallel.ForAsync(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) => await Api.SendMessageAsync(device, $"{i}"));

        (await Api.TrySendMessageAsync(device, "one more")).Expect(HttpStatusCode.TooManyRequests, "RESOURCE_EXHAUSTED");
    }

    [Fact]
    public async Task Messages_Listed_ComeNewestFirstByPageAndStatus()
    {
        var device = await Api.CreateDeviceAsync();
        var path = $"{RestApi.PathOf(device)}/messages";
        for (var i = 0; i < 5; i++)
        {
            await Api.SendMessageAsync(device, $"{i}", messageId: $"m{i}", ttl: i < 2 ? 0 : null);
        }

        var first = (await Api.GetAsync($"{path}?pageSize=3")).Expect(HttpStatusCode.OK);
        var second = (await Api.GetAsync($"{path}?pageSize=3&pageToken={first.Text("nextPageToken")}")).Expect(HttpStatusCode.OK);
        var failed = await Api.GetAsync($"{path}?status=FAILED");
        var pending = await Api.GetAsync($"{path}?status=PENDING");

        Assert.Equal(["m4", "m3", "m2"], Ids(first));
        Assert.Equal(["m1", "m0"], Ids(second));
        Assert.Equal("", second.Text("nextPageToken"));
        Assert.Equal(["m1", "m0"], Ids(failed));
        Assert.Equal(["m4", "m3", "m2"], Ids(pending));
    }

    [Fact]
    public async Task Message_ToUnknownDevice_IsNotFound()
    {
        var device = new Device(await Api.CreateProductAsync(), "nobody", "");

        (await Api.TrySendMessageAsync(device, "x")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Message_ToDisabledDevice_IsRefused()
    {
        var device = await Api.CreateDeviceAsync();
        (await Api.PostAsync($"{RestApi.PathOf(device)}:disable")).Expect(HttpStatusCode.OK);

        (await Api.TrySendMessageAsync(device, "x")).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");
    }

    [Fact]
    public async Task Message_ToDeviceOfDisabledProduct_IsRefused()
    {
        var device = await Api.CreateDeviceAsync();
        (await Api.PostAsync($"/v1/products/{device.ProductKey}:disable")).Expect(HttpStatusCode.OK);

        (await Api.TrySendMessageAsync(device, "x")).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");
    }

    [Theory]
    [InlineData("not an id")]
    [InlineData("a/b")]
    public async Task Message_OfMalformedId_IsRefused(string messageId) =>
        (await Api.TrySendMessageAsync(await Api.CreateDeviceAsync(), "x", messageId: messageId)).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");

    [Fact]
    public async Task GetDeviceMessage_OfUnknownId_IsNotFound() =>
        (await Api.MessageAsync(await Api.CreateDeviceAsync(), "nothing")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

    private Task<RawClient> ConnectAsync(Device device, bool acknowledges = true) =>
        RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(), acknowledges);

    private static IEnumerable<string> Ids(Answer page) => page.Items("messages").Select(static m => Answer.TextOf(m, "messageId"));
}
