using IotPlatform.Broadcasts;
using IotPlatform.Delivery;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Transport;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What a session sends, keeps and drops.</summary>
public sealed class SessionTests : IAsyncDisposable
{
    private readonly Edge _edge = new();
    private readonly FakeConnection _connection = new();
    private readonly Session _session;

    public SessionTests() => _session = _edge.NewSession();

    private SentPublish[] Sent => SentPublish.In(_connection.Sent);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public void PacketIds_AreNeverZeroAndNeverInUse_AndStartAgainBehind65535()
    {
        _session.Attach(_edge.NewPeer(_connection, receiveMaximum: 3));
        Publish("held");
        Publish("other");
        Assert.Equal([1, 2], Sent.Select(static p => p.PacketId));
        Assert.NotNull(_session.Acknowledged(2));

        for (var i = 3; i <= 65_535; i++)
        {
            Publish("x");
            Assert.NotNull(_session.Acknowledged((ushort)i));
        }

        Publish("first after the last");

        // 0 is none, and 1 is still in use [MQTT-2.2.1-3].
        Assert.Equal(2, Sent[^1].PacketId);
    }

    [Fact]
    public void Window_WhenFull_QueuesInOrder()
    {
        _session.Attach(_edge.NewPeer(_connection, receiveMaximum: 2));
        for (var i = 0; i < 5; i++)
        {
            Publish($"m{i}");
        }

        Assert.Equal(["m0", "m1"], Sent.Select(static p => p.Payload));
        _session.Acknowledged(1);
        _session.Acknowledged(2);
        _session.Acknowledged(3);
        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], Sent.Select(static p => p.Payload));
    }

    [Fact]
    public void AtMostOnce_PassesAFullWindow()
    {
        _session.Attach(_edge.NewPeer(_connection, receiveMaximum: 1));
        Publish("a");
        Publish("b");
        Publish("c", QoS.AtMostOnce);
        Assert.Equal([("a", 1), ("c", 0)], Sent.Select(static p => (p.Payload, (int)p.PacketId)));
    }

    [Fact]
    public void Queue_WhenItHasItsNumber_DropsTheNewestAndCounts()
    {
        using var drops = new DropCounter(_edge.Instruments);
        _edge.Settings.Session.QueuedMessagesMax = 3;
        for (var i = 0; i < 5; i++)
        {
            Publish($"m{i}");
        }

        _session.Attach(_edge.NewPeer(_connection));
        Assert.Equal(["m0", "m1", "m2"], Sent.Select(static p => p.Payload));
        Assert.Equal(2, drops[DropReason.QueueFull]);
    }

    [Fact]
    public void Queue_WhenItHasItsBytes_DropsTheNewestAndCounts()
    {
        using var drops = new DropCounter(_edge.Instruments);
        _edge.Settings.Session.QueuedBytesMax = 25;
        Publish(new string('a', 20));
        Publish(new string('b', 20));
        Publish("c");
        _session.Attach(_edge.NewPeer(_connection));
        Assert.Equal([new string('a', 20), "c"], Sent.Select(static p => p.Payload));
        Assert.Equal(1, drops[DropReason.QueueFull]);

        // What has been sent counts no longer.
        _session.Detach(_session.Peer!);
        Publish(new string('d', 20));
        Assert.Equal(1, drops[DropReason.QueueFull]);
    }

    [Fact]
    public void AtMostOnce_WhileOffline_IsDroppedAndCounted()
    {
        using var drops = new DropCounter(_edge.Instruments);
        Publish("a", QoS.AtMostOnce);
        _session.Attach(_edge.NewPeer(_connection));
        Assert.Empty(_connection.Sent);
        Assert.Equal(1, drops[DropReason.Offline]);
    }

    [Fact]
    public void Encoded_ForAnEarlierConnection_IsDroppedAndCounted()
    {
        using var drops = new DropCounter(_edge.Instruments);
        var earlier = Attach();
        var next = new FakeConnection(2);
        _session.Attach(_edge.NewPeer(next, ProtocolVersion.Mqtt500));
        _session.PublishEncoded(earlier, "t"u8, [0x30, 3, 0, 1, (byte)'t']);
        Assert.Empty(_connection.Sent.Concat(next.Sent));
        Assert.Equal(1, drops[DropReason.Offline]);
    }

    [Fact]
    public void AtMostOnce_WhenTheConnectionIsFull_IsDroppedAndCounted()
    {
        using var drops = new DropCounter(_edge.Instruments);
        _session.Attach(_edge.NewPeer(_connection));
        _connection.Outcome = SendOutcome.Full;
        Publish("a", QoS.AtMostOnce);
        Assert.Equal(1, drops[DropReason.Slow]);
        Assert.False(_connection.IsClosed);
    }

    [Fact]
    public void AtLeastOnce_WhenTheConnectionIsFull_ClosesIt()
    {
        _session.Attach(_edge.NewPeer(_connection));
        _connection.Outcome = SendOutcome.Full;
        Publish("a");
        Assert.True(_connection.IsClosed);
    }

    [Fact]
    public void AtLeastOnce_WhileTheConnectionIsBacklogged_WaitsForAnAcknowledgement()
    {
        _session.Attach(_edge.NewPeer(_connection));
        _connection.IsBacklogged = true;
        Publish("a");
        Publish("b");
        Assert.Equal("a", Assert.Single(Sent).Payload);
        _session.Acknowledged(1);
        Assert.Equal(["a", "b"], Sent.Select(static p => p.Payload));
    }

    [Fact]
    public void Queue_ThatDropsTheOldest_KeepsTheNewestAndCounts()
    {
        using var drops = new DropCounter(_edge.Instruments);
        _edge.Settings.Session.QueuedMessagesMax = 3;
        _edge.Settings.Session.QueueFull = QueueFullAction.DropOldest;
        for (var i = 0; i < 5; i++)
        {
            Publish($"m{i}");
        }

        _session.Attach(_edge.NewPeer(_connection));
        Assert.Equal(["m2", "m3", "m4"], Sent.Select(static p => p.Payload));
        Assert.Equal(2, drops[DropReason.QueueFull]);
    }

    [Fact]
    public void Deliver_OfADuplicate_KeepsThePacketIdAndSetsDup()
    {
        var peer = Attach();
        Deliver(peer, "a");
        Deliver(peer, "b");
        Deliver(peer, "a", isDuplicate: true);
        Assert.Equal([(1, false), (2, false), (1, true)], Sent.Select(static p => ((int)p.PacketId, p.Dup)));
    }

    [Fact]
    public void TopicAlias_StandsForTheTopicFromTheSecondMessageOn_ForAsManyTopicsAsTheClientTakes()
    {
        _session.Attach(_edge.NewPeer(_connection, ProtocolVersion.Mqtt500, topicAliasMax: 1));
        Publish("a", topic: "t/1");
        Publish("b", topic: "t/1");
        Publish("c", topic: "t/2");
        Assert.Equal(
            [("t/1", "230001"), ("", "230001"), ("t/2", "")],
            SentPublish.In(_connection.Sent, ProtocolVersion.Mqtt500).Select(static p => (p.Topic, p.Properties)));
    }

    [Fact]
    public void TopicAlias_WhoseMessageDidNotLeave_IsNotUsed()
    {
        _session.Attach(_edge.NewPeer(_connection, ProtocolVersion.Mqtt500, topicAliasMax: 5));
        _connection.Outcome = SendOutcome.Full;
        Publish("lost", QoS.AtMostOnce);
        _connection.Outcome = SendOutcome.Sent;
        Publish("a", QoS.AtMostOnce);
        Assert.Equal("t", Assert.Single(SentPublish.In(_connection.Sent, ProtocolVersion.Mqtt500)).Topic);
    }

    [Fact]
    public void ExactlyOnce_RefusedByTheClient_Ends()
    {
        _session.Attach(_edge.NewPeer(_connection, ProtocolVersion.Mqtt500, receiveMaximum: 1));
        Publish("a", QoS.ExactlyOnce);
        Publish("b");
        Assert.Null(_session.Arrived(1, ReasonCode.QuotaExceeded));
        Assert.Equal(["a", "b"], SentPublish.In(_connection.Sent, ProtocolVersion.Mqtt500).Select(static p => p.Payload));
    }

    [Fact]
    public void Acknowledgements_OfTheWrongKindOrUnknown_AreIgnored()
    {
        _session.Attach(_edge.NewPeer(_connection));
        Publish("a");
        Publish("b", QoS.ExactlyOnce);
        Assert.Null(_session.Completed(1));
        Assert.Null(_session.Arrived(1, ReasonCode.Success));
        Assert.Null(_session.Acknowledged(2));
        Assert.Null(_session.Acknowledged(9));
        Assert.NotNull(_session.Acknowledged(1));
        Assert.Null(_session.Acknowledged(1));
    }

    [Fact]
    public void Deliver_NamesItsMessageWhenAcknowledged()
    {
        var peer = Attach();
        Assert.Equal(DeliveryOutcome.Written, Deliver(peer, "a"));
        Assert.Equal("a", _session.Acknowledged(Assert.Single(Sent).PacketId)!.DeviceMessageId);
    }

    [Fact]
    public void Deliver_OnAnEarlierConnection_IsNotConnected()
    {
        var peer = Attach();
        _session.Attach(_edge.NewPeer(new FakeConnection(2)));
        Assert.Equal(DeliveryOutcome.NotConnected, Deliver(peer, "a"));
        Assert.Empty(_connection.Sent);
    }

    [Fact]
    public void Deliver_WhenTheWindowIsFull_IsFull()
    {
        var peer = Attach(receiveMaximum: 1);
        Deliver(peer, "a");
        Assert.Equal(DeliveryOutcome.Full, Deliver(peer, "b"));
        _session.Acknowledged(1);
        Assert.Equal(DeliveryOutcome.Written, Deliver(peer, "b"));
    }

    [Fact]
    public void Deliver_LargerThanTheClientTakes_IsTooLarge()
    {
        var peer = Attach(maximumPacketSize: 10);
        Assert.Equal(DeliveryOutcome.TooLarge, Deliver(peer, "a message"));
        Assert.Empty(_connection.Sent);
    }

    [Theory]
    [InlineData(true, DeliveryOutcome.Full)]
    [InlineData(false, DeliveryOutcome.NotConnected)]
    public void Deliver_ThatTheConnectionDoesNotTake_LeavesItsPacketIdFree(bool isFull, DeliveryOutcome expected)
    {
        var peer = Attach(receiveMaximum: 1);
        _connection.Outcome = isFull ? SendOutcome.Full : SendOutcome.Closed;
        Assert.Equal(expected, Deliver(peer, "a"));
        Assert.False(_connection.IsClosed);
        _connection.Outcome = SendOutcome.Sent;
        Assert.Equal(DeliveryOutcome.Written, Deliver(peer, "a"));
    }

    [Fact]
    public void Broadcasts_LeaveInOneSend_WithTheDevicesOwnName()
    {
        var peer = Attach();
        var written = new bool[3];
        _session.Broadcast(peer, [Frame(1), Frame(2, QoS.AtLeastOnce), Frame(3, topic: "/broadcast/p/x")], written);
        Assert.Equal([true, true, true], written);
        Assert.Single(_connection.Sent);
        Assert.Equal(["/sys/p/d/broadcast/request/1", "/sys/p/d/broadcast/request/2", "/broadcast/p/x"], Sent.Select(static p => p.Topic));
        Assert.Equal([0, 1, 0], Sent.Select(static p => (int)p.PacketId));
    }

    [Fact]
    public void Broadcasts_ThatTheConnectionDoesNotTake_GiveTheirPacketIdsBack()
    {
        var peer = Attach(receiveMaximum: 2);
        _connection.Outcome = SendOutcome.Full;
        bool[] written = [true, true];
        _session.Broadcast(peer, [Frame(1, QoS.AtLeastOnce), Frame(2, QoS.AtLeastOnce)], written);
        Assert.Equal([false, false], written);

        _connection.Outcome = SendOutcome.Sent;
        _session.Broadcast(peer, [Frame(3, QoS.AtLeastOnce), Frame(4, QoS.AtLeastOnce)], written);
        Assert.Equal([true, true], written);
        Assert.Null(_session.Acknowledged(1));
    }

    [Fact]
    public void Broadcasts_BeyondTheWindow_AreNotWritten_AndOthersAre()
    {
        var peer = Attach(receiveMaximum: 1);
        var written = new bool[3];
        _session.Broadcast(peer, [Frame(1, QoS.AtLeastOnce), Frame(2, QoS.AtLeastOnce), Frame(3)], written);
        Assert.Equal([true, false, true], written);
    }

    [Fact]
    public void Broadcast_LargerThanTheClientTakes_IsNotWritten()
    {
        var peer = Attach(maximumPacketSize: 20);
        var written = new bool[1];
        _session.Broadcast(peer, [Frame(1)], written);
        Assert.Equal([false], written);
        Assert.Empty(_connection.Sent);
    }

    [Fact]
    public void Subscriptions_AreBounded_AndReplacedInPlace()
    {
        _edge.Settings.Session.SubscriptionsMax = 2;
        Assert.True(_session.TrySubscribe("a"u8.ToArray(), default, out _));
        Assert.True(_session.TrySubscribe("b/#"u8.ToArray(), default, out _));
        Assert.False(_session.TrySubscribe("c"u8.ToArray(), default, out _));
        Assert.True(_session.TrySubscribe("a"u8.ToArray(), new SubscriptionTerms(new SubscriptionOptions(QoS.AtLeastOnce)), out _));
        Assert.True(_session.IsSubscribedTo("b/x"u8));
        Assert.True(_session.TryUnsubscribe("b/#"u8.ToArray()));
        Assert.False(_session.TryUnsubscribe("b/#"u8.ToArray()));
        Assert.False(_session.IsSubscribedTo("b/x"u8));
        Assert.Equal(["a"u8.ToArray()], _session.Filters());
    }

    [Fact]
    public void Detach_OfAnEarlierConnection_ChangesNothing()
    {
        var earlier = Attach();
        var peer = _edge.NewPeer(new FakeConnection(2));
        _session.Attach(peer);
        Assert.False(_session.Detach(earlier));
        Assert.Same(peer, _session.Peer);
        Assert.True(_session.Detach(peer));
        Assert.Null(_session.Peer);
    }

    private static BroadcastFrame Frame(long id, QoS qos = QoS.AtMostOnce, string? topic = null) =>
        new(new BroadcastMessage(id, "p", topic, (int)qos, new byte[] { 65 }), TimeProvider.System);

    private SessionPeer Attach(int receiveMaximum = 100, int maximumPacketSize = int.MaxValue)
    {
        var peer = _edge.NewPeer(_connection, receiveMaximum: receiveMaximum, maximumPacketSize: maximumPacketSize);
        _session.Attach(peer);
        return peer;
    }

    private DeliveryOutcome Deliver(SessionPeer peer, string messageId, bool isDuplicate = false) =>
        _session.Deliver(peer, new RoutedMessage("t", System.Text.Encoding.UTF8.GetBytes(messageId), QoS.AtLeastOnce), messageId, isDuplicate);

    private void Publish(string payload, QoS qos = QoS.AtLeastOnce, string topic = "t") =>
        _session.Publish(new RoutedMessage(topic, System.Text.Encoding.UTF8.GetBytes(payload), qos), new MessageCopy(qos));
}
