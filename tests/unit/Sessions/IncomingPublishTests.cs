using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Tests.Support;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What a client publishes: how it is acknowledged, and when it counts as a message of its own (section 4.3).</summary>
public sealed class IncomingPublishTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // [MQTT-3.3.4-1], [MQTT-4.3.1-1], [MQTT-4.3.2-4], [MQTT-4.3.3-8], [MQTT-4.3.3-11]; [MQTT-2.2.1-5] ([MQTT-2.3.1-6] in 3.1.1): the packet id comes back.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Publish_IsAnsweredAsItsQoSAsks_WithItsPacketId(ProtocolVersion version)
    {
        var publisher = await EdgeClient.ConnectAsync(_edge, "p", version);
        publisher.Publish("t", "0", QoS.AtMostOnce);
        Assert.Empty(publisher.Packets);
        publisher.Publish("t", "1", QoS.AtLeastOnce, packetId: 0x1234);
        publisher.Publish("t", "2", QoS.ExactlyOnce, packetId: 0xFFFF);
        publisher.Send(Notation.Bytes("62 < FFFF >"));
        Assert.Equal(
            [(PacketType.PubAck, 0x1234), (PacketType.PubRec, 0xFFFF), (PacketType.PubComp, 0xFFFF)],
            publisher.Packets.Select(static p => (p.Type, (int)p.PacketId)));
    }

    // [MQTT-4.3.2-5] ([MQTT-4.3.2-2] in 3.1.1) After PUBACK the packet id is free, whatever DUP says.
    [Theory]
    [InlineData(V3, false)]
    [InlineData(V3, true)]
    [InlineData(V5, false)]
    [InlineData(V5, true)]
    public async Task AtLeastOnce_WithAPacketIdThatWasAcknowledged_IsANewMessage(ProtocolVersion version, bool isDuplicate)
    {
        var (subscriber, publisher) = await PairAsync(version);
        publisher.Send(Publish(version, QoS.AtLeastOnce, "first"));
        publisher.Send(Publish(version, QoS.AtLeastOnce, "second", isDuplicate));
        Assert.Equal(["first", "second"], (await subscriber.ReceiveAsync(2)).Select(static m => m.Payload));
    }

    // [MQTT-4.3.3-10] Before PUBREL it is the same message; [MQTT-4.3.3-12]: after PUBCOMP it is another one ([MQTT-4.3.3-2] in 3.1.1).
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task ExactlyOnce_IsOneMessageUntilItIsReleased_AndANewOneAfterwards(ProtocolVersion version)
    {
        var (subscriber, publisher) = await PairAsync(version);
        publisher.Send(Publish(version, QoS.ExactlyOnce, "first"));
        publisher.Send(Publish(version, QoS.ExactlyOnce, "first", isDuplicate: true));
        publisher.Send(Publish(version, QoS.ExactlyOnce, "first"));
        publisher.Send(Notation.Bytes("62 < 0007 >"));
        publisher.Send(Publish(version, QoS.ExactlyOnce, "second"));
        Assert.Equal(["first", "second"], (await subscriber.ReceiveAsync(2)).Select(static m => m.Payload));
        Assert.Equal(
            [PacketType.PubRec, PacketType.PubRec, PacketType.PubRec, PacketType.PubComp, PacketType.PubRec], publisher.Packets.Select(static p => p.Type));
    }

    // [MQTT-4.3.3-13] The exchange goes on although the message's time is up.
    [Fact]
    public async Task ExactlyOnce_WhoseTimeIsUp_IsStillCompleted()
    {
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        publisher.Publish("t", "x", QoS.ExactlyOnce, properties: [0x02, 0, 0, 0, 1], packetId: 7);
        _edge.Time.Advance(TimeSpan.FromSeconds(10));
        publisher.Send(Notation.Bytes("62 < 0007 >"));
        Assert.Equal([(PacketType.PubRec, false), (PacketType.PubComp, false)], publisher.Packets.Select(static p => (p.Type, p.Reason.IsFailure())));
    }

    // [MQTT-3.3.1-3] Whether it was sent to the server before is nothing to those who get it from there.
    [Theory]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task Dup_OfAPublisher_IsNotPassedOn(QoS qos)
    {
        var (subscriber, publisher) = await PairAsync(V5);
        publisher.Send(Publish(V5, qos, "x", isDuplicate: true));
        Assert.False((await subscriber.ReceiveAsync(1))[0].Dup);
    }

    // [MQTT-3.3.5-2] of 3.1.1: what is not permitted is acknowledged all the same, and goes nowhere. 5.0 is told [MQTT-3.4.2-1], [MQTT-3.5.2-1].
    [Theory]
    [InlineData(V3, ReasonCode.Success)]
    [InlineData(V5, ReasonCode.NotAuthorized)]
    public async Task Publish_ThatIsNotPermitted_IsAcknowledged_AndGoesNowhere(ProtocolVersion version, ReasonCode expected)
    {
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s");
        await subscriber.SubscribeAsync("/anonymous/s/#");
        var publisher = await EdgeClient.ConnectAsync(_edge, "p", version);
        publisher.Publish("/sys/anonymous/s/x", "1", QoS.AtLeastOnce, packetId: 1);
        publisher.Publish("/sys/anonymous/s/x", "2", QoS.ExactlyOnce, packetId: 2);
        Assert.Equal([(PacketType.PubAck, 1, expected), (PacketType.PubRec, 2, expected)], publisher.Acknowledgements);
        Assert.Empty(subscriber.Messages);
    }

    // [MQTT-3.3.2-4], [MQTT-3.3.2-15], [MQTT-3.3.2-16], [MQTT-3.3.2-17], [MQTT-3.3.2-18], [MQTT-3.3.2-20]
    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task Properties_ReachEverySubscriberUnaltered_InTheirOrder(QoS qos)
    {
        var properties = Notation.Bytes("26 ['k'] ['1'] 01 01 03 ['text/plain'] 26 ['k'] ['2'] 08 ['r/t'] 26 ['a'] [] 09 [ 00 FF ] 26 ['k'] ['1']");
        EdgeClient[] subscribers = [await SubscribedAsync("s1"), await SubscribedAsync("s2")];
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        publisher.Publish("t", "x", qos, properties: properties);
        foreach (var subscriber in subscribers)
        {
            Assert.Equal(Convert.ToHexString(properties), (await subscriber.ReceiveAsync(1))[0].Properties);
        }
    }

    // [MQTT-1.5.4-3] ([MQTT-1.5.3-3] in 3.1.1): U+FEFF is a character. [MQTT-4.7.3-4]: nothing is normalised, so the two spellings of Å are two topics.
    [Theory]
    [InlineData("\uFEFFt", "t")]
    [InlineData("t/\u00C5", "t/A\u030A")]
    [InlineData("t", "T")]
    [InlineData("t/", "t")]
    public async Task Topics_ThatOnlyLookAlike_AreDifferent(string topic, string other)
    {
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s");
        await subscriber.SubscribeAsync(topic);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        await publisher.PublishAsync(other, "not for it");
        await publisher.PublishAsync(topic, "for it");
        var message = Assert.Single(await subscriber.ReceiveAsync(1));
        Assert.Equal((topic, "for it"), (message.Topic, message.Payload));
    }

    // [MQTT-3.1.2-7] of 3.1.1
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Retained_OfASessionThatEnds_Stays(ProtocolVersion version)
    {
        var publisher = await EdgeClient.ConnectAsync(_edge, "p", version);
        await publisher.RetainAsync("t", "kept");
        publisher.Abort();
        await EdgeClient.ConnectAsync(_edge, "p", version);
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s");
        await subscriber.SubscribeAsync("t");
        Assert.Equal("kept", (await subscriber.ReceiveAsync(1))[0].Payload);
    }

    // [MQTT-3.3.1-5] ([MQTT-3.3.1-7] in 3.1.1): also at QoS 0 the newer one takes the older one's place, with its own QoS.
    [Fact]
    public async Task Retained_ByANewerMessage_IsReplaced_WhateverTheirQoS()
    {
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        await publisher.RetainAsync("t", "older");
        publisher.Publish("t", "newer", QoS.AtMostOnce, retain: true);
        await publisher.RetainAsync("after", "it");
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s");
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        var message = Assert.Single(await subscriber.ReceiveAsync(1));
        Assert.Equal(("newer", QoS.AtMostOnce), (message.Payload, message.QoS));
    }

    private static byte[] Publish(ProtocolVersion version, QoS qos, string payload, bool isDuplicate = false) =>
        Notation.Bytes($"{0x30 | ((int)qos << 1) | (isDuplicate ? 8 : 0):X2} < ['t'] 0007 {(version == V5 ? "00" : "")} '{payload}' >");

    private async Task<EdgeClient> SubscribedAsync(string clientId)
    {
        var subscriber = await EdgeClient.ConnectAsync(_edge, clientId);
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        return subscriber;
    }

    private async Task<(EdgeClient Subscriber, EdgeClient Publisher)> PairAsync(ProtocolVersion version) =>
        (await SubscribedAsync("s"), await EdgeClient.ConnectAsync(_edge, "p", version));
}
