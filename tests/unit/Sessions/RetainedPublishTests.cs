using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What a client publishes with RETAIN: stored, routed and acknowledged, in this order and in that of its packets.</summary>
public sealed class RetainedPublishTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task ConnAck_SaysNothingOfRetainedMessages_WhichMeansThatTheyAreThere()
    {
        Assert.Null((await ConnectAsync("c")).ConnAck.RetainAvailable);
    }

    [Theory]
    [InlineData(V3, QoS.AtLeastOnce)]
    [InlineData(V3, QoS.ExactlyOnce)]
    [InlineData(V5, QoS.AtLeastOnce)]
    [InlineData(V5, QoS.ExactlyOnce)]
    public async Task Message_IsStored_ThenRouted_ThenAcknowledged(ProtocolVersion version, QoS qos)
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p", version);
        var store = HoldStore();
        publisher.Publish("t", "kept", qos, retain: true);
        publisher.Send(PingReqPacket.Encoded);

        // The client goes on meanwhile.
        await Patience.UntilAsync(() => publisher.Packets.Exists(static p => p.Type == PacketType.PingResp));
        Assert.Empty(publisher.Acknowledgements);
        Assert.Empty(subscriber.Messages);

        store.SetResult();
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 1);
        Assert.Equal(ReasonCode.Success, publisher.Acknowledgements[0].Reason);
        Assert.Equal("kept", TextOf("t"));

        // [MQTT-3.3.1-12] To those who were there it is a message like any other.
        var message = Assert.Single(subscriber.Messages);
        Assert.Equal(("t", "kept", false), (message.Topic, message.Payload, message.Retain));
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Message_AtMostOnce_IsStoredAndRouted(ProtocolVersion version)
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p", version);
        publisher.Publish("t", "kept", QoS.AtMostOnce, retain: true);
        await subscriber.ReceiveAsync(1);
        Assert.Equal("kept", TextOf("t"));
        Assert.Equal(0, _edge.Host.Retained["t"]!.QoS);
        Assert.Empty(publisher.Acknowledgements);
    }

    [Fact]
    public async Task EmptyMessage_ClearsTheTopic_AndIsRouted()
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p");
        await publisher.RetainAsync("t", "kept");
        await publisher.RetainAsync("t", "");
        Assert.Null(TextOf("t"));
        Assert.Equal(["kept", ""], subscriber.Texts);

        // [MQTT-3.3.1-7] It is not stored where nothing was, either.
        await publisher.RetainAsync("other", "");
        Assert.Equal(0, _edge.Host.Retained.Count);
    }

    [Fact]
    public async Task Message_WithoutRetain_LeavesWhatIsRetained()
    {
        var publisher = await ConnectAsync("p");
        await publisher.RetainAsync("t", "kept");
        await publisher.PublishAsync("t", "passing");
        await publisher.PublishAsync("t", "");
        Assert.Equal("kept", TextOf("t"));
    }

    [Fact]
    public async Task Message_KeepsItsProperties_AndItsEnd()
    {
        var publisher = await ConnectAsync("p");

        // Payload format 1, message expiry 60 s, content type "t".
        await publisher.RetainAsync("t", "kept", [0x01, 1, 0x02, 0, 0, 0, 60, 0x03, 0, 1, (byte)'t']);
        var retained = _edge.Host.Retained["t"]!;
        Assert.Equal("010103000174", Convert.ToHexString(retained.Properties.Span));
        Assert.Equal(_edge.Time.GetUtcNow().AddSeconds(60), retained.ExpiresAt);

        await publisher.RetainAsync("t", "for ever");
        Assert.Null(_edge.Host.Retained["t"]!.ExpiresAt);
    }

    [Fact]
    public async Task Messages_OfOneTopic_AreStoredAndRoutedInTheirOrder()
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p");
        for (var i = 0; i < 500; i++)
        {
            publisher.Publish("t", $"{i}", i % 2 == 0 ? QoS.AtLeastOnce : QoS.AtMostOnce, retain: i % 5 != 0);
        }

        var messages = await subscriber.ReceiveAsync(500);
        Assert.Equal(Enumerable.Range(0, 500).Select(static i => $"{i}"), messages.Select(static m => m.Payload));
        Assert.Equal("499", TextOf("t"));
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 250);
        Assert.Equal(Enumerable.Range(1, 250), publisher.Acknowledgements.Select(static a => a.PacketId));
    }

    // [MQTT-4.6.0-5] Whichever shard answers first.
    [Fact]
    public async Task MessageWithoutRetain_WaitsForTheRetainedOnesBeforeIt()
    {
        var subscriber = await SubscribedAsync("#");
        var publisher = await ConnectAsync("p");
        var store = HoldStore("slow");
        publisher.Publish("slow", "1", retain: true);
        publisher.Publish("fast", "2", retain: true);
        publisher.Publish("fast", "3");
        publisher.Publish("fast", "4", QoS.AtMostOnce);
        await Patience.UntilAsync(() => TextOf("fast") == "2");
        Assert.Empty(subscriber.Messages);
        Assert.Empty(publisher.Acknowledgements);

        store.SetResult();
        await subscriber.ReceiveAsync(4);
        Assert.Equal(["1", "2", "3", "4"], subscriber.Texts);
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 3);
        Assert.Equal([1, 2, 3], publisher.Acknowledgements.Select(static a => a.PacketId));
    }

    [Fact]
    public async Task PublisherThatIsWaitedFor_PausesAtTheBound_AndThenGoesOn()
    {
        var publisher = await ConnectAsync("p", keepAlive: 4);
        var store = HoldStore();
        for (var i = 0; i < DeferredAcknowledgements.LengthMax - 1; i++)
        {
            publisher.Publish("t", $"{i}", i % 2 == 0 ? QoS.AtMostOnce : QoS.AtLeastOnce, retain: true);
        }

        Assert.False(publisher.IsPaused);
        publisher.Publish("t", "last", retain: true);
        Assert.True(publisher.IsPaused);
        publisher.Send(PingReqPacket.Encoded);
        Assert.DoesNotContain(publisher.Packets, static p => p.Type == PacketType.PingResp);

        // It is the server that is silent.
        _edge.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.False(publisher.IsClosed);
        store.SetResult();
        await Patience.UntilAsync(() => publisher.Packets.Exists(static p => p.Type == PacketType.PingResp));
        Assert.Equal(DeferredAcknowledgements.LengthMax / 2, publisher.Acknowledgements.Length);
        _edge.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(publisher.IsClosed);
        _edge.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(publisher.IsClosed);
    }

    [Theory]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task MessageBeyondABound_Is500_RefusedAsAWhole(QoS qos)
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p");
        await publisher.RetainAsync("t", "old");
        LowerBounds();
        var packetId = publisher.Publish("t", "new and larger", qos, retain: true);
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 2);
        Assert.Equal(ReasonCode.QuotaExceeded, publisher.Acknowledgements[1].Reason);
        Assert.Equal(["old"], subscriber.Texts);
        Assert.Equal("old", TextOf("t"));

        // The packet id is free again.
        publisher.Publish("t", "passing", qos, packetId: packetId);
        await subscriber.ReceiveAsync(2);
    }

    // 3.1.1 has no word for it. [MQTT-3.3.1-7] of 3.1.1: what is not stored must not leave the one before it, either.
    [Theory]
    [InlineData(V3, QoS.AtLeastOnce)]
    [InlineData(V3, QoS.AtMostOnce)]
    [InlineData(V5, QoS.AtMostOnce)]
    public async Task MessageBeyondABound_WhosePublisherCanNotBeTold_IsRoutedAndNotRetained(ProtocolVersion version, QoS qos)
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p", version);
        await publisher.RetainAsync("t", "old");
        LowerBounds();
        publisher.Publish("t", "new and larger", qos, retain: true);
        await subscriber.ReceiveAsync(2);
        Assert.Null(TextOf("t"));
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == (qos == QoS.AtMostOnce ? 1 : 2));
        Assert.False(publisher.IsClosed);
    }

    [Fact]
    public async Task MessageThatCanNotBeStored_IsRefusedTo500_AndTheNextOneIsNot()
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p");
        _edge.Host.Retained.OnWrite = static _ => Task.FromException(new StoreUnavailableException());
        Assert.Equal(ReasonCode.UnspecifiedError, await publisher.PublishAsync("t", "lost", retain: true));
        Assert.Empty(subscriber.Messages);
        _edge.Host.Retained.OnWrite = static _ => Task.CompletedTask;
        Assert.Equal(ReasonCode.Success, await publisher.PublishAsync("t", "kept", retain: true));
    }

    // The client sends again what was not acknowledged.
    [Theory]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task MessageThatCanNotBeStored_Closes311Unacknowledged_AndIsTakenAfterwards(QoS qos)
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p", V3, cleanStart: false);
        _edge.Host.Retained.OnWrite = static _ => Task.FromException(new StoreUnavailableException());
        publisher.Publish("t", "again", qos, retain: true);
        await Patience.UntilAsync(() => publisher.IsClosed);
        Assert.Empty(publisher.Acknowledgements);
        Assert.Empty(subscriber.Messages);
        publisher.Abort();

        _edge.Host.Retained.OnWrite = static _ => Task.CompletedTask;
        publisher = await ConnectAsync("p", V3, cleanStart: false);
        Assert.True(publisher.ConnAck.SessionPresent);
        publisher.Publish("t", "again", qos, retain: true);
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 1);
        Assert.Equal("again", TextOf("t"));
        Assert.Equal(["again"], subscriber.Texts);
    }

    [Fact]
    public async Task MessageAtMostOnce_ThatCanNotBeStored_IsRouted()
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p");
        _edge.Host.Retained.OnWrite = static _ => Task.FromException(new StoreUnavailableException());
        publisher.Publish("t", "now", QoS.AtMostOnce, retain: true);
        await subscriber.ReceiveAsync(1);
        Assert.Null(TextOf("t"));
    }

    [Fact]
    public async Task Message_ThatIsNotPermitted_IsNotStored()
    {
        var publisher = await ConnectAsync("p");
        Assert.Equal(ReasonCode.NotAuthorized, await publisher.PublishAsync("/sys/anonymous/other/x", "kept", retain: true));
        Assert.Equal(0, _edge.Host.Retained.Count);
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Will_WithRetain_IsRetainedAndRouted_BehindWhatTheClientPublished(ProtocolVersion version)
    {
        var subscriber = await SubscribedAsync("status");
        var will = new WillMessage { Topic = "status", Payload = Encoding.UTF8.GetBytes("offline"), QoS = QoS.AtLeastOnce, Retain = true };
        var publisher = await ConnectAsync("p", version, will);
        var store = HoldStore();
        publisher.Publish("status", "online", retain: true);
        publisher.Abort();
        store.SetResult();
        await subscriber.ReceiveAsync(2);
        Assert.Equal(["online", "offline"], subscriber.Texts);
        Assert.Equal("offline", TextOf("status"));
    }

    [Fact]
    public async Task Will_WithAnExpiry_EndsThatLongAfterItWasPublished()
    {
        var will = new WillMessage { Topic = "status", Payload = new byte[] { 1 }, Retain = true, MessageExpiryInterval = 60, PayloadFormatIndicator = true };
        var publisher = await ConnectAsync("p", will: will);
        _edge.Time.Advance(TimeSpan.FromMinutes(10));
        publisher.Abort();
        await Patience.UntilAsync(() => _edge.Host.Retained["status"] is not null);
        Assert.Equal(_edge.Time.GetUtcNow().AddSeconds(60), _edge.Host.Retained["status"]!.ExpiresAt);
        Assert.Equal("0101", Convert.ToHexString(_edge.Host.Retained["status"]!.Properties.Span));
    }

    // What a client resends on a new connection must not be stored, or routed, ahead of what is still under way.
    [Fact]
    public async Task Messages_OfANewConnection_WaitForThoseOfTheOlder()
    {
        var subscriber = await SubscribedAsync("#");
        var publisher = await ConnectAsync("p", sessionExpiry: 100);
        var store = HoldStore("slow");
        publisher.Publish("slow", "1", retain: true);
        publisher.Abort();
        publisher = await ConnectAsync("p", sessionExpiry: 100, cleanStart: false);
        publisher.Publish("fast", "2");
        Assert.Empty(subscriber.Messages);
        store.SetResult();
        await subscriber.ReceiveAsync(2);
        Assert.Equal(["1", "2"], subscriber.Texts);
    }

    [Fact]
    public async Task ExactlyOnce_SentAgainOnANewConnectionWhileTheFirstIsStored_IsTakenOnce()
    {
        var subscriber = await SubscribedAsync("t");
        var publisher = await ConnectAsync("p", sessionExpiry: 100);
        var store = HoldStore();
        publisher.Publish("t", "once", QoS.ExactlyOnce, retain: true, packetId: 7);
        publisher.Abort();
        publisher = await ConnectAsync("p", sessionExpiry: 100, cleanStart: false);
        publisher.Publish("t", "once", QoS.ExactlyOnce, retain: true, packetId: 7);
        Assert.Empty(publisher.Acknowledgements);
        store.SetResult();
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 1);
        Assert.Equal((PacketType.PubRec, 7, ReasonCode.Success), publisher.Acknowledgements[0]);
        Assert.Equal(["once"], subscriber.Texts);
        Assert.Equal(["t"], _edge.Host.Retained.Writes);
    }

    private Task<EdgeClient> ConnectAsync(
        string clientId,
        ProtocolVersion version = V5,
        WillMessage? will = null,
        uint? sessionExpiry = null,
        bool cleanStart = true,
        ushort keepAlive = 0) =>
        EdgeClient.ConnectAsync(_edge, clientId, version, will, sessionExpiry, cleanStart: cleanStart, keepAlive: keepAlive);

    private async Task<EdgeClient> SubscribedAsync(string filter)
    {
        var subscriber = await ConnectAsync("subscriber");
        await subscriber.SubscribeAsync(filter, QoS.AtMostOnce);
        return subscriber;
    }

    private string? TextOf(string topic) => _edge.Host.Retained[topic] is { } message ? Encoding.UTF8.GetString(message.Payload.Span) : null;

    /// <summary>Holds up what is written, to one topic or to all.</summary>
    private TaskCompletionSource HoldStore(string? topic = null)
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _edge.Host.Retained.OnWrite = written => topic is null || written == topic ? hold.Task : Task.CompletedTask;
        return hold;
    }

    // The grains have read theirs at their activation: one that is asked anew reads them again.
    private void LowerBounds()
    {
        _edge.Host.TopicOptions.RetainedBytesMax = RetainedShards.Count * 5;
        _edge.Time.Advance(TimeSpan.FromMinutes(20));
    }
}
