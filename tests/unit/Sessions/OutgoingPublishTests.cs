using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What a client is sent: the exchange of each QoS, its bounds, and what goes out again (sections 4.3, 4.4 and 4.9).</summary>
public sealed class OutgoingPublishTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // [MQTT-4.3.1-1], [MQTT-4.3.2-1], [MQTT-4.3.2-2], [MQTT-4.3.3-1], [MQTT-4.3.3-2]; [MQTT-2.2.1-2] ([MQTT-2.3.1-5] in 3.1.1).
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Message_OfEachQoS_GoesOutForTheFirstTimeWithoutDup_AndWithAPacketIdOfItsOwn(ProtocolVersion version)
    {
        var (subscriber, publisher) = await PairAsync(version);
        publisher.Publish("t", "0", QoS.AtMostOnce);
        publisher.Publish("t", "1", QoS.AtLeastOnce);
        publisher.Publish("t", "2", QoS.ExactlyOnce);
        var messages = await subscriber.ReceiveAsync(3);
        Assert.Equal([QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce], messages.Select(static m => m.QoS));
        Assert.All(messages, static m => Assert.False(m.Dup));
        Assert.Equal(0, messages[0].PacketId);
        Assert.Equal(3, messages.Select(static m => m.PacketId).Distinct().Count());
    }

    // [MQTT-4.3.3-3], [MQTT-4.3.3-4], [MQTT-4.3.3-5], [MQTT-4.3.3-6] ([MQTT-4.3.3-1] in 3.1.1): PUBREC is answered with PUBREL of the same packet id, which goes
    // out again in the place of the message, and PUBCOMP ends it.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task ExactlyOnce_GoesThroughItsFourPackets(ProtocolVersion version)
    {
        var (subscriber, publisher) = await PairAsync(version, sessionExpiry: 100);
        publisher.Publish("t", "x", QoS.ExactlyOnce);
        var packetId = (await subscriber.ReceiveAsync(1))[0].PacketId;
        subscriber.Send(Notation.Bytes($"50 < {packetId:X4} >"));
        await ReleasedAsync(subscriber, packetId);

        subscriber = await ReconnectAsync(subscriber, version);
        await ReleasedAsync(subscriber, packetId);
        subscriber.Send(Notation.Bytes($"70 < {packetId:X4} >"));
        publisher.Publish("t", "next", QoS.ExactlyOnce);
        Assert.Equal("next", (await subscriber.ReceiveAsync(1))[0].Payload);
        Assert.Single(subscriber.Packets, static p => p.Type == PacketType.PubRel);
    }

    // [MQTT-4.4.0-1], [MQTT-3.3.1-1], [MQTT-4.3.2-3], [MQTT-4.6.0-5] ([MQTT-4.6.0-6] in 3.1.1)
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Unacknowledged_OnTheNextConnection_GoesOutAgain_InOrder_WithDupAndItsPacketIds(ProtocolVersion version)
    {
        var (subscriber, publisher) = await PairAsync(version, sessionExpiry: 100);
        for (var i = 0; i < 10; i++)
        {
            publisher.Publish("t", $"{i}", i % 2 == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce);
        }

        var first = await subscriber.ReceiveAsync(10);
        subscriber = await ReconnectAsync(subscriber, version);
        var again = await subscriber.ReceiveAsync(10);
        Assert.Equal(first.Select(static m => (m.Payload, m.PacketId, m.QoS, true)), again.Select(static m => (m.Payload, m.PacketId, m.QoS, m.Dup)));
    }

    // [MQTT-4.4.0-2], [MQTT-4.3.3-6]: a client that refuses a message has it off its hands. Section 4.9: its place is free again.
    [Theory]
    [InlineData(QoS.AtLeastOnce, 0x40)]
    [InlineData(QoS.ExactlyOnce, 0x50)]
    public async Task Message_ThatTheClientRefuses_IsNotSentAgain(QoS qos, byte acknowledgement)
    {
        var (subscriber, publisher) = await PairAsync(V5, sessionExpiry: 100, receiveMaximum: 1);
        publisher.Publish("t", "refused", qos);
        publisher.Publish("t", "next", qos);
        var packetId = (await subscriber.ReceiveAsync(1))[0].PacketId;
        subscriber.Send(Notation.Bytes($"{acknowledgement:X2} < {packetId:X4} 80 >"));
        Assert.Equal(["refused", "next"], (await subscriber.ReceiveAsync(2)).Select(static m => m.Payload));
        Assert.DoesNotContain(subscriber.Packets, static p => p.Type == PacketType.PubRel);
        subscriber = await ReconnectAsync(subscriber, V5);
        Assert.Equal(["next"], (await subscriber.ReceiveAsync(1)).Select(static m => m.Payload));
    }

    // [MQTT-3.3.4-10], [MQTT-4.9.0-2], [MQTT-4.9.0-3] Messages wait, everything else does not.
    [Fact]
    public async Task Packets_OtherThanMessages_PassAFullWindow()
    {
        var (subscriber, publisher) = await PairAsync(V5, receiveMaximum: 1);
        publisher.Publish("t", "1", QoS.AtLeastOnce);
        publisher.Publish("t", "waits", QoS.AtLeastOnce);
        await subscriber.ReceiveAsync(1);
        subscriber.Send([0xC0, 0x00]);
        await subscriber.SubscribeAsync("other");
        subscriber.Publish("nobody", "x", QoS.AtLeastOnce, packetId: 100);
        subscriber.Publish("nobody", "x", QoS.ExactlyOnce, packetId: 101);
        subscriber.Send(Notation.Bytes("62 < 0065 >"));
        await subscriber.UnsubscribeAsync("other");
        Assert.Equal(
            [PacketType.Publish, PacketType.PingResp, PacketType.SubAck, PacketType.PubAck, PacketType.PubRec, PacketType.PubComp, PacketType.UnsubAck],
            subscriber.Packets.Skip(1).Select(static p => p.Type));
    }

    // [MQTT-3.1.2-24], [MQTT-3.1.2-25]: as if it had been delivered; it holds no place, and does not come again.
    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task Message_LargerThanTheClientTakes_IsPassedOver(QoS qos)
    {
        var (subscriber, publisher) = await PairAsync(V5, sessionExpiry: 100, receiveMaximum: 1, maximumPacketSize: 100);
        publisher.Publish("t", new string('x', 100), qos);
        publisher.Publish("t", "small", qos);
        Assert.Equal(["small"], (await subscriber.ReceiveAsync(1)).Select(static m => m.Payload));

        // Behind six bytes of header, topic and property length.
        publisher.Publish("t", new string('x', 95), QoS.AtMostOnce);
        publisher.Publish("t", new string('x', 94), QoS.AtMostOnce);
        Assert.Equal(["small", new string('x', 94)], (await subscriber.ReceiveAsync(2)).Select(static m => m.Payload));
    }

    // [MQTT-3.1.2-24] for what is no message.
    [Fact]
    public async Task SubAckAndUnsubAck_LargerThanTheClientTakes_AreNotSent()
    {
        var filters = Enumerable.Range(0, 90).Select(static i => ($"f/{i}", new SubscriptionOptions(QoS.AtMostOnce))).ToArray();
        var client = await EdgeClient.ConnectAsync(_edge, "c", maximumPacketSize: 60);
        client.Send(new SubscribePacket { PacketId = 1, Subscriptions = [.. filters.Select(static f => new TopicSubscription(f.Item1, f.Item2))] });
        Assert.Equal((PacketType.Disconnect, ReasonCode.PacketTooLarge), (client.Packets.Single().Type, client.Packets.Single().Reason));

        client = await EdgeClient.ConnectAsync(_edge, "c", maximumPacketSize: 60);
        client.Send(new UnsubscribePacket { PacketId = 1, Filters = [.. filters.Select(static f => f.Item1)] });
        Assert.Equal((PacketType.Disconnect, ReasonCode.PacketTooLarge), (client.Packets.Single().Type, client.Packets.Single().Reason));
    }

    // [MQTT-3.1.2-24] for the last packet: it leaves out why, and then where else to go.
    [Theory]
    [InlineData(60u, "E0 < 9C < 1C ['a place that is rather far away from here'] > >")]
    [InlineData(20u, "E0 < 9C >")]
    public async Task Disconnect_LargerThanTheClientTakes_IsShortened(uint maximumPacketSize, string expected)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "c", maximumPacketSize: maximumPacketSize);
        var before = client.BytesReceived;
        client.Owner.Disconnect(ReasonCode.UseAnotherServer, "a place that is rather far away from here");
        Assert.Equal(Notation.Bytes(expected).Length, client.BytesReceived - before);
        Assert.Equal(ReasonCode.UseAnotherServer, client.Packets.Single().Reason);
    }

    // [MQTT-3.10.4-3] What was begun is finished, with its packet ids, also on the next connection.
    [Theory]
    [InlineData(V3, QoS.AtLeastOnce)]
    [InlineData(V3, QoS.ExactlyOnce)]
    [InlineData(V5, QoS.AtLeastOnce)]
    [InlineData(V5, QoS.ExactlyOnce)]
    public async Task Unsubscribe_LeavesWhatIsOnItsWay(ProtocolVersion version, QoS qos)
    {
        var (subscriber, publisher) = await PairAsync(version, sessionExpiry: 100);
        publisher.Publish("t", "begun", qos);
        var packetId = (await subscriber.ReceiveAsync(1))[0].PacketId;
        await subscriber.UnsubscribeAsync("t");

        // [MQTT-3.10.4-2] Nothing new is begun.
        await publisher.PublishAsync("t", "too late");
        subscriber = await ReconnectAsync(subscriber, version);
        var again = Assert.Single(await subscriber.ReceiveAsync(1));
        Assert.Equal(("begun", packetId, true), (again.Payload, again.PacketId, again.Dup));
    }

    // [MQTT-3.1.2-27] Absent means 0: no alias.
    [Fact]
    public async Task Topic_ToAClientThatTakesNoAliases_IsWrittenEachTime()
    {
        var (subscriber, publisher) = await PairAsync(V5);
        for (var qos = QoS.AtMostOnce; qos <= QoS.ExactlyOnce; qos++)
        {
            publisher.Publish("t", "x", qos);
            publisher.Publish("t", "x", qos);
        }

        Assert.All(await subscriber.ReceiveAsync(6), static m => Assert.Equal(("t", ""), (m.Topic, m.Properties)));
    }

    private static Task ReleasedAsync(EdgeClient subscriber, ushort packetId) => Patience.UntilAsync(
        () => subscriber.Packets.Exists(p => p.Type == PacketType.PubRel && p.PacketId == packetId), $"PUBREL of packet {packetId}");

    private static async Task<EdgeClient> SubscribeAsync(EdgeClient subscriber)
    {
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        return subscriber;
    }

    private Task<EdgeClient> ReconnectAsync(EdgeClient client, ProtocolVersion version)
    {
        client.Abort();
        return EdgeClient.ConnectAsync(_edge, "s", version, sessionExpiry: version == V5 ? 100u : null, cleanStart: false);
    }

    private async Task<(EdgeClient Subscriber, EdgeClient Publisher)> PairAsync(
        ProtocolVersion version, uint? sessionExpiry = null, ushort? receiveMaximum = null, uint? maximumPacketSize = null)
    {
        var subscriber = await EdgeClient.ConnectAsync(
            _edge,
            "s",
            version,
            sessionExpiry: version == V5 ? sessionExpiry : null,
            receiveMaximum: receiveMaximum,
            maximumPacketSize: maximumPacketSize,
            cleanStart: version == V5 || sessionExpiry is null);
        return (await SubscribeAsync(subscriber), await EdgeClient.ConnectAsync(_edge, "p"));
    }
}
