using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>SUBSCRIBE and UNSUBSCRIBE as clients see them (sections 3.8 to 3.11), and shared subscriptions (section 4.8.2).</summary>
public sealed class SubscriptionTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // [MQTT-3.8.4-1], [MQTT-3.8.4-2], [MQTT-3.8.4-5], [MQTT-3.8.4-6], [MQTT-3.8.4-7], [MQTT-3.9.3-1], [MQTT-3.9.3-2]; [MQTT-2.2.1-6].
    // In 3.1.1 [MQTT-3.8.4-4], [MQTT-3.8.4-5], [MQTT-2.3.1-7], and [MQTT-3.9.3-2]: it knows one failure.
    [Theory]
    [InlineData(V3, ReasonCode.UnspecifiedError)]
    [InlineData(V5, ReasonCode.NotAuthorized)]
    public async Task Subscribe_ToManyFilters_IsOneSubAck_WithACodeForEach_InTheirOrder(ProtocolVersion version, ReasonCode refused)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "c", version);
        var codes = await client.SubscribeAsync(
            ("b", new(QoS.ExactlyOnce)), ("$SYS/x", new(QoS.AtMostOnce)), ("a/+", new(QoS.AtMostOnce)), ("#", new(QoS.AtLeastOnce)), ("b", new(QoS.AtLeastOnce)));
        Assert.Equal([ReasonCode.GrantedQoS2, refused, ReasonCode.Success, ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS1], codes);
        Assert.Single(client.Packets);
    }

    // [MQTT-3.8.4-3] The newer one stands in the older one's place: one copy, with the newer QoS.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Subscribe_ToAFilterAgain_Replaces(ProtocolVersion version)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "c", version);
        await client.SubscribeAsync("t", QoS.ExactlyOnce);
        await client.SubscribeAsync("t", QoS.AtMostOnce);
        await client.PublishAsync("t", "x");
        Assert.Equal(QoS.AtMostOnce, Assert.Single(await client.ReceiveAsync(1)).QoS);
        await client.UnsubscribeAsync("t");
        await client.PublishAsync("t", "y");
        Assert.Single(client.Messages);
    }

    // [MQTT-3.8.4-4] ([MQTT-3.8.4-3] in 3.1.1): nothing is missed while a subscription is replaced.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Subscribe_ToAFilterAgain_MissesNoMessage(ProtocolVersion version)
    {
        const int Count = 300;
        var client = await EdgeClient.ConnectAsync(_edge, "c", version, maximumPacketSize: null);
        await client.SubscribeAsync("t", QoS.AtMostOnce);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        using var isSubscribing = new ManualResetEventSlim();
        var publishing = Task.Run(() =>
        {
            isSubscribing.Wait();
            for (var i = 0; i < Count; i++)
            {
                publisher.Publish("t", $"{i}", QoS.AtMostOnce);
            }
        });
        isSubscribing.Set();
        while (!publishing.IsCompleted)
        {
            await client.SubscribeAsync("t", QoS.AtMostOnce, RetainHandling.Send);
        }

        await publishing.InTimeAsync();
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"{i}"), (await client.ReceiveAsync(Count)).Select(static m => m.Payload));
    }

    // [MQTT-3.10.4-4], [MQTT-3.10.4-5], [MQTT-3.10.4-6], [MQTT-3.11.3-1], [MQTT-3.11.3-2]; [MQTT-2.2.1-6] ([MQTT-2.3.1-7] in 3.1.1).
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Unsubscribe_FromManyFilters_IsOneUnsubAck_WithACodeForEach_InTheirOrder(ProtocolVersion version)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "c", version);
        await client.SubscribeAsync("a");
        await client.SubscribeAsync("b");
        client.Send(new UnsubscribePacket { PacketId = 500, Filters = ["none", "b", "a", "b"] });
        var answer = client.Packets[^1];
        Assert.Equal((PacketType.UnsubAck, 500), (answer.Type, answer.PacketId));
        Assert.Equal(
            version == V3 ? [] : [ReasonCode.NoSubscriptionExisted, ReasonCode.Success, ReasonCode.Success, ReasonCode.NoSubscriptionExisted], answer.Codes);
        await client.PublishAsync("a", "x");
        await client.PublishAsync("b", "x");
        Assert.Empty(client.Messages);
    }

    // [MQTT-3.10.4-1] Character by character: what a filter matches is no matter.
    [Theory]
    [InlineData("a/+", "a/b")]
    [InlineData("a/b", "a/+")]
    [InlineData("a/b", "#")]
    [InlineData("a/b", "A/b")]
    [InlineData("a/b", "a/b/")]
    [InlineData("$share/g/a/b", "a/b")]
    [InlineData("$share/g/a/b", "$share/h/a/b")]
    public async Task Unsubscribe_FromAnotherFilter_EndsNothing(string filter, string other)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "c");
        await client.SubscribeAsync(filter);
        await client.UnsubscribeAsync(other);
        await client.PublishAsync("a/b", "x");
        Assert.Single(await client.ReceiveAsync(1));
        await client.UnsubscribeAsync(filter);
        await client.PublishAsync("a/b", "y");
        Assert.Single(client.Messages);
    }

    // [MQTT-3.12.4-1]
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task PingReq_IsAnswered(ProtocolVersion version)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "c", version);
        client.Send([0xC0, 0x00, 0xC0, 0x00]);
        Assert.Equal([PacketType.PingResp, PacketType.PingResp], client.Packets.Select(static p => p.Type));
    }

    // [MQTT-4.8.2-3]
    [Fact]
    public async Task SharedSubscription_IsServedAtItsMembersOwnQoS()
    {
        var (first, second) = await SharingAsync(QoS.AtMostOnce, QoS.ExactlyOnce);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        publisher.Publish("t", "1", QoS.ExactlyOnce);
        publisher.Publish("t", "2", QoS.ExactlyOnce);
        Assert.Equal(QoS.AtMostOnce, Assert.Single(await first.ReceiveAsync(1)).QoS);
        Assert.Equal(QoS.ExactlyOnce, Assert.Single(await second.ReceiveAsync(1)).QoS);
    }

    // [MQTT-4.8.2-4]: who was sent it gets it again. [MQTT-4.8.2-5]: when that one's session has ended, nobody does.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SharedMessage_ExactlyOnce_StaysWithTheMemberItWasSentTo(bool isResumed)
    {
        var (first, second) = await SharingAsync(QoS.ExactlyOnce, QoS.ExactlyOnce);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        publisher.Publish("t", "x", QoS.ExactlyOnce);
        await Patience.UntilAsync(() => first.MessageCount + second.MessageCount == 1, "one of both has it");
        var (taker, other, name) = first.MessageCount == 1 ? (first, second, "first") : (second, first, "second");
        taker.Abort();
        taker = await EdgeClient.ConnectAsync(_edge, name, sessionExpiry: 100, cleanStart: !isResumed);
        await Patience.UntilAsync(() => !isResumed || taker.MessageCount == 1, "it comes again");
        await taker.UnsubscribeAsync("nothing");
        await other.UnsubscribeAsync("nothing");
        Assert.Equal(isResumed ? ["x"] : [], taker.Texts);
        Assert.Empty(other.Messages);
    }

    // [MQTT-4.8.2-6]
    [Theory]
    [InlineData(QoS.AtLeastOnce, 0x40)]
    [InlineData(QoS.ExactlyOnce, 0x50)]
    public async Task SharedMessage_ThatItsMemberRefuses_GoesToNobodyElse(QoS qos, byte acknowledgement)
    {
        var (first, second) = await SharingAsync(qos, qos);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        publisher.Publish("t", "x", qos);
        await Patience.UntilAsync(() => first.MessageCount + second.MessageCount == 1, "one of both has it");
        var (taker, other) = first.MessageCount == 1 ? (first, second) : (second, first);
        var packetId = taker.Messages[0].PacketId;
        taker.Send([acknowledgement, 3, (byte)(packetId >> 8), (byte)packetId, 0x80]);
        Assert.Single(taker.Messages);
        Assert.Empty(other.Messages);
    }

    private async Task<(EdgeClient First, EdgeClient Second)> SharingAsync(QoS firstQoS, QoS secondQoS)
    {
        var first = await EdgeClient.ConnectAsync(_edge, "first", sessionExpiry: 100);
        var second = await EdgeClient.ConnectAsync(_edge, "second", sessionExpiry: 100);
        await first.SubscribeAsync("$share/g/t", firstQoS);
        await second.SubscribeAsync("$share/g/t", secondQoS);
        return (first, second);
    }
}
