using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What is retained for a subscription: which messages, in which form, at which pace.</summary>
public sealed class RetainedSubscribeTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    /// <summary>That of <see cref="RetainedFeed"/>.</summary>
    private static readonly TimeSpan FeedRetryInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FeedStep = TimeSpan.FromMilliseconds(100);

    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Message_FollowsTheSubAck_WithRetain(ProtocolVersion version)
    {
        await RetainAsync("t", "kept");
        var subscriber = await ConnectAsync("s", version);
        await subscriber.SubscribeAsync("t");
        var message = Assert.Single(await subscriber.ReceiveAsync(1));
        Assert.Equal(("t", "kept", true, false), (message.Topic, message.Payload, message.Retain, message.Dup));
        Assert.Equal([PacketType.SubAck, PacketType.Publish], subscriber.Packets.Select(static p => p.Type));
    }

    [Theory]
    [InlineData(QoS.AtMostOnce, QoS.ExactlyOnce, QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce, QoS.ExactlyOnce, QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce, QoS.ExactlyOnce, QoS.ExactlyOnce)]
    [InlineData(QoS.ExactlyOnce, QoS.AtLeastOnce, QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce, QoS.AtMostOnce, QoS.AtMostOnce)]
    public async Task QoS_IsTheLowerOfRetainedAndGranted(QoS retained, QoS granted, QoS expected)
    {
        var publisher = await ConnectAsync("p");
        publisher.Publish("t", "kept", retained, retain: true);

        // Routed, too, by the time that what follows it is acknowledged.
        await publisher.PublishAsync("other", "");
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync("t", granted);
        Assert.Equal(expected, (await subscriber.ReceiveAsync(1))[0].QoS);
    }

    [Theory]
    [InlineData("rooms/#", "rooms/1 rooms/2")]
    [InlineData("+/1", "rooms/1")]
    [InlineData("#", "alone rooms/1 rooms/2")]
    [InlineData("alone", "alone")]
    [InlineData("nothing", "")]
    [InlineData("$share/g/#", "")]
    [InlineData("$share/g/alone", "")]
    public async Task Messages_AreThoseThatTheFilterMatches(string filter, string expected)
    {
        await RetainAsync("rooms/1", "1");
        await RetainAsync("rooms/2", "2");
        await RetainAsync("alone", "3");
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync(filter);
        await SettledAsync(subscriber);
        Assert.Equal(expected, string.Join(' ', subscriber.Messages.Select(static m => m.Topic).Order(StringComparer.Ordinal)));
    }

    // [MQTT-3.3.1-9], [MQTT-3.3.1-10], [MQTT-3.3.1-11]
    [Theory]
    [InlineData(RetainHandling.Send, 1, 2)]
    [InlineData(RetainHandling.SendIfNew, 1, 1)]
    [InlineData(RetainHandling.DoNotSend, 0, 0)]
    public async Task RetainHandling_SaysWhetherTheyAreSent_ToANewAndToAKnownSubscription(RetainHandling handling, int first, int second)
    {
        await RetainAsync("t", "kept");
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync("t", handling: handling);
        await SettledAsync(subscriber);
        Assert.Equal(first, subscriber.Messages.Length);
        await subscriber.SubscribeAsync("t", handling: handling);
        await SettledAsync(subscriber);
        Assert.Equal(second, subscriber.Messages.Length);

        // Once it has been taken back it is new.
        await subscriber.UnsubscribeAsync("t");
        await subscriber.SubscribeAsync("t", handling: handling);
        await SettledAsync(subscriber);
        Assert.Equal(second + first, subscriber.Messages.Length);
    }

    [Fact]
    public async Task RetainHandling_OfASubscriptionOfAResumedSession_FindsItKnown()
    {
        await RetainAsync("t", "kept");
        var subscriber = await ConnectAsync("s", sessionExpiry: 100);
        await subscriber.SubscribeAsync("t", handling: RetainHandling.DoNotSend);
        subscriber.Abort();
        subscriber = await ConnectAsync("s", sessionExpiry: 100, cleanStart: false);
        await subscriber.SubscribeAsync("t", handling: RetainHandling.SendIfNew);
        await SettledAsync(subscriber);
        Assert.Empty(subscriber.Messages);
    }

    // [MQTT-3.8.4-3] of 3.1.1
    [Fact]
    public async Task Resubscribe_Of311_SendsThemAgain()
    {
        await RetainAsync("t", "kept");
        var subscriber = await ConnectAsync("s", V3);
        await subscriber.SubscribeAsync("t", QoS.AtMostOnce);
        await subscriber.ReceiveAsync(1);
        await subscriber.SubscribeAsync("t", QoS.AtMostOnce);
        await subscriber.ReceiveAsync(2);
    }

    // [MQTT-3.8.4-5] ([MQTT-3.8.4-4] in 3.1.1): as a sequence of SUBSCRIBE packets, each with its own retained messages.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task OverlappingFilters_OfOneSubscribe_EachGetTheirOwn(ProtocolVersion version)
    {
        await RetainAsync("a/1", "kept");
        var subscriber = await ConnectAsync("s", version);
        await subscriber.SubscribeAsync(
            ("a/#", new SubscriptionOptions(QoS.AtMostOnce)), ("+/+", new SubscriptionOptions(QoS.AtLeastOnce)), ("a/1", new SubscriptionOptions(QoS.AtMostOnce)));
        await subscriber.ReceiveAsync(3);
        Assert.Equal([QoS.AtMostOnce, QoS.AtLeastOnce, QoS.AtMostOnce], subscriber.Messages.Select(static m => m.QoS));
    }

    [Fact]
    public async Task RefusedFilter_GetsNothing()
    {
        await RetainAsync("t", "kept");
        var subscriber = await ConnectAsync("s");
        var codes = await subscriber.SubscribeAsync(("$SYS/#", default), ("t", new SubscriptionOptions(QoS.AtMostOnce)));
        Assert.Equal([ReasonCode.NotAuthorized, ReasonCode.Success], codes);
        Assert.Equal("t", Assert.Single(await subscriber.ReceiveAsync(1)).Topic);
    }

    // What the publisher was does not stay with a message that is retained.
    [Fact]
    public async Task NoLocal_IsForWhatIsPublished_NotForWhatIsRetained()
    {
        var client = await ConnectAsync("c");
        await client.RetainAsync("t", "own");
        await client.SubscribeAsync(("t", new SubscriptionOptions(QoS.AtMostOnce, NoLocal: true)));
        await client.ReceiveAsync(1);
        await client.RetainAsync("t", "own again");
        Assert.Single(client.Messages);
    }

    [Fact]
    public async Task Expiry_IsWhatIsLeft_AndOnlyFor500()
    {
        // Message expiry 60 s, payload format 1.
        await RetainAsync("t", "kept", [0x02, 0, 0, 0, 60, 0x01, 1]);
        _edge.Time.Advance(TimeSpan.FromSeconds(20.5));
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync("t");
        Assert.Equal("02000000280101", (await subscriber.ReceiveAsync(1))[0].Properties);
        var older = await ConnectAsync("older", V3);
        await older.SubscribeAsync("t");
        Assert.Equal("", (await older.ReceiveAsync(1))[0].Properties);

        _edge.Time.Advance(TimeSpan.FromSeconds(39.5));
        var late = await ConnectAsync("late");
        await late.SubscribeAsync("t");
        await SettledAsync(late);
        Assert.Empty(late.Messages);
    }

    [Fact]
    public async Task Messages_BeyondTheReceiveMaximum_FollowTheAcknowledgements_AndNoneIsLost()
    {
        const int Count = 1_500;
        await RetainManyAsync(Count);
        var subscriber = await ConnectAsync("s", receiveMaximum: 10);
        await subscriber.SubscribeAsync("many/#");
        var acknowledged = 0;
        while (acknowledged < Count)
        {
            await Patience.UntilAsync(() => subscriber.MessageCount > acknowledged, $"message {acknowledged}");
            foreach (var message in subscriber.Messages[acknowledged..])
            {
                Assert.InRange(subscriber.MessageCount - acknowledged, 1, 10);
                acknowledged++;
                subscriber.Acknowledge(message);
            }
        }

        Assert.Equal(Count, subscriber.Messages.Select(static m => m.Topic).Distinct().Count());
        Assert.Equal(Count, subscriber.Messages.Length);
    }

    [Fact]
    public async Task Messages_ForAClientThatDoesNotRead_Wait_AndWhatIsPublishedGoesFirst()
    {
        await RetainManyAsync(3);
        var subscriber = await ConnectAsync("s");
        subscriber.IsBacklogged = true;
        await subscriber.SubscribeAsync("many/#", QoS.AtMostOnce);
        await (await ConnectAsync("p")).PublishAsync("many/live", "live");
        Assert.Equal(["live"], (await subscriber.ReceiveAsync(1)).Select(static m => m.Payload));
        subscriber.IsBacklogged = false;
        await FedAsync(subscriber, 4);
    }

    // What comes last must be what is true last.
    [Fact]
    public async Task Message_OvertakenByANewerOne_IsLeftOut()
    {
        await RetainManyAsync(3);
        var subscriber = await ConnectAsync("s");
        subscriber.IsBacklogged = true;
        await subscriber.SubscribeAsync("many/#", QoS.AtMostOnce);
        var publisher = await ConnectAsync("p");
        await publisher.RetainAsync("many/1", "newer");
        await publisher.RetainAsync("many/2", "");
        await publisher.PublishAsync("many/0", "passing");
        subscriber.IsBacklogged = false;
        await FedAsync(subscriber, 4);
        Assert.Equal(
            [("many/1", "newer", false), ("many/2", "", false), ("many/0", "passing", false), ("many/0", "0", true)],
            subscriber.Messages.Select(static m => (m.Topic, m.Payload, m.Retain)));
    }

    [Fact]
    public async Task Message_OvertakenByMoreThanIsNoted_IsReadAgain()
    {
        await RetainAsync("t/0", "old");
        await RetainAsync("t/1", "old");
        var subscriber = await ConnectAsync("s");
        subscriber.IsBacklogged = true;
        await subscriber.SubscribeAsync("t/#", QoS.AtMostOnce);
        var publisher = await ConnectAsync("p");
        for (var i = 0; i <= RetainedFeed.SupersededMax; i++)
        {
            publisher.Publish($"t/x/{i}", "", QoS.AtMostOnce, retain: true);
        }

        await publisher.RetainAsync("t/1", "newer");
        var live = RetainedFeed.SupersededMax + 2;
        await subscriber.ReceiveAsync(live);
        subscriber.IsBacklogged = false;
        await FedAsync(subscriber, live + 2);

        // Read anew, so that what is old is not sent, and what may have been seen is sent again rather than missed.
        Assert.Equal([("t/0", "old"), ("t/1", "newer")], subscriber.Messages[live..].Select(static m => (m.Topic, m.Payload)).Order());
    }

    [Fact]
    public async Task Unsubscribe_EndsWhatHasNotBeenSent()
    {
        await RetainManyAsync(3);
        var subscriber = await ConnectAsync("s", receiveMaximum: 1);
        await subscriber.SubscribeAsync("many/#");
        await subscriber.SubscribeAsync("many/1");
        var first = (await subscriber.ReceiveAsync(1))[0];
        await subscriber.UnsubscribeAsync("many/#");
        await subscriber.UnsubscribeAsync("many/1");
        subscriber.Acknowledge(first);
        await SettledAsync(subscriber);
        Assert.Single(subscriber.Messages);
    }

    [Fact]
    public async Task Subscriptions_ThatFollowEachOther_AreServedOneAfterTheOther()
    {
        await RetainAsync("a", "1");
        await RetainAsync("b", "2");
        var subscriber = await ConnectAsync("s", receiveMaximum: 1);
        await subscriber.SubscribeAsync("a");
        await subscriber.SubscribeAsync("b");
        await subscriber.SubscribeAsync("a");

        // It waits already, behind the one for b, which is under way.
        await subscriber.SubscribeAsync("a");
        for (var i = 0; i < 3; i++)
        {
            subscriber.Acknowledge((await subscriber.ReceiveAsync(i + 1))[i]);
        }

        await SettledAsync(subscriber);
        Assert.Equal(["1", "2", "1"], subscriber.Texts);
    }

    [Fact]
    public async Task ClientThatIsGoneBeforeTheEnd_FindsTheRestInItsSession()
    {
        await RetainManyAsync(20);
        var subscriber = await ConnectAsync("s", receiveMaximum: 5, sessionExpiry: 100);
        await subscriber.SubscribeAsync("many/#");
        await subscriber.ReceiveAsync(5);
        subscriber.Abort();
        await FeedEndedAsync(subscriber);

        subscriber = await ConnectAsync("s", sessionExpiry: 100, cleanStart: false);
        await subscriber.ReceiveAsync(20);
        Assert.Equal(Enumerable.Repeat(true, 5).Concat(Enumerable.Repeat(false, 15)), subscriber.Messages.Select(static m => m.Dup));
        Assert.All(subscriber.Messages, static m => Assert.True(m.Retain));
        Assert.Equal(20, subscriber.Messages.Select(static m => m.Topic).Distinct().Count());
    }

    [Fact]
    public async Task ClientThatIsGone_WithMoreToComeThanItsQueueHolds_GetsWhatFits()
    {
        _edge.Settings.Session.QueuedMessagesMax = 7;
        await RetainManyAsync(40);
        var subscriber = await ConnectAsync("s", receiveMaximum: 5, sessionExpiry: 100);
        await subscriber.SubscribeAsync("many/#");
        await subscriber.ReceiveAsync(5);
        subscriber.Abort();
        await FeedEndedAsync(subscriber);

        // Behind all that is on its way to its session, which would find room again once the client is back.
        var publisher = await EdgeClient.ConnectAsync(_edge, "behind");
        await publisher.PublishAsync("many/behind", "");
        subscriber = await ConnectAsync("s", sessionExpiry: 100, cleanStart: false);

        // What was under way when it went may wait with the others by then.
        await Patience.UntilAsync(() => subscriber.MessageCount >= 7, "seven messages");
        Assert.InRange(subscriber.MessageCount, 7, 12);
    }

    [Fact]
    public async Task QueuedMessage_WhoseTimeIsUp_IsNotSent()
    {
        await RetainAsync("a", "1", [0x02, 0, 0, 0, 60]);
        await RetainAsync("b", "2", [0x02, 0, 0, 0, 60]);
        var subscriber = await ConnectAsync("s", receiveMaximum: 1, sessionExpiry: 1_000);
        await subscriber.SubscribeAsync("#");
        await subscriber.ReceiveAsync(1);
        subscriber.Abort();
        await FeedEndedAsync(subscriber);
        _edge.Time.Advance(TimeSpan.FromSeconds(60));
        subscriber = await ConnectAsync("s", sessionExpiry: 1_000, cleanStart: false);

        // The first one had been sent before: its delivery is completed.
        var again = Assert.Single(await subscriber.ReceiveAsync(1));
        Assert.True(again.Dup);
        Assert.Equal("0200000000", again.Properties);
        await Patience.UntilAsync(() => _edge.Host.Sessions.MessageCount == 1, "the other one is removed");
    }

    [Fact]
    public async Task SessionThatEnds_EndsTheFeed()
    {
        await RetainManyAsync(20);
        var subscriber = await ConnectAsync("s", receiveMaximum: 5);
        await subscriber.SubscribeAsync("many/#");
        await subscriber.ReceiveAsync(5);
        using var drops = new DropCounter(_edge.Instruments);
        subscriber.Abort();
        await FeedEndedAsync(subscriber);
        subscriber = await ConnectAsync("s");
        await SettledAsync(subscriber);
        Assert.Empty(subscriber.Messages);
        Assert.Equal(0, drops["queue_full"]);
    }

    [Fact]
    public async Task MessageLargerThanTheClientTakes_IsPassedOver()
    {
        await RetainAsync("a", new string('x', 1_000));
        await RetainAsync("b", "small");
        var subscriber = await ConnectAsync("s", maximumPacketSize: 500);
        await subscriber.SubscribeAsync("#");
        Assert.Equal(["small"], (await subscriber.ReceiveAsync(1)).Select(static m => m.Payload));
    }

    [Fact]
    public async Task Shard_ThatCanNotBeRead_IsAskedAgain()
    {
        await using var edge = await WithUnreadableShardAsync(failures: 2);
        var subscriber = await EdgeClient.ConnectAsync(edge, "s");
        var waiting = edge.Time.TimersDueIn(FeedRetryInterval);
        await subscriber.SubscribeAsync("t");
        await FailAsync(edge, waiting, times: 2);
        await subscriber.ReceiveAsync(1);
    }

    [Fact]
    public async Task Shard_ThatCanNotBeReadForLong_IsGivenUp_AndTheNextSubscriptionFindsIt()
    {
        await using var edge = await WithUnreadableShardAsync(failures: 4);
        var subscriber = await EdgeClient.ConnectAsync(edge, "s");
        var waiting = edge.Time.TimersDueIn(FeedRetryInterval);
        await subscriber.SubscribeAsync("t");
        await FailAsync(edge, waiting, times: 3);
        await SettledAsync(subscriber);
        Assert.Empty(subscriber.Messages);
        await subscriber.SubscribeAsync("t");
        await subscriber.ReceiveAsync(1);
    }

    /// <summary>A gateway beside a shard that has something for <c>t</c>, is not in memory, and can not be read at first.</summary>
    private static async Task<Edge> WithUnreadableShardAsync(int failures)
    {
        var edge = new Edge(followsSessions: false);
        var publisher = await EdgeClient.ConnectAsync(edge, "publisher");
        await publisher.RetainAsync("t", "kept");
        publisher.Abort();
        await Patience.UntilAsync(
            () =>
            {
                edge.Time.Advance(TimeSpan.FromMinutes(20));
                return edge.Host.Engine.ActivationCount == 0;
            },
            "every grain to be collected");
        edge.Host.Retained.OnLoad = () => Interlocked.Decrement(ref failures) >= 0 ? Task.FromException(new StoreUnavailableException()) : Task.CompletedTask;
        return edge;
    }

    // The clock moves once the feed waits for it, and no earlier: activations have their time on it, too.
    private static async Task FailAsync(Edge edge, int waiting, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Patience.UntilAsync(() => edge.Time.TimersDueIn(FeedRetryInterval) > waiting);
            edge.Time.Advance(FeedRetryInterval);
        }
    }

    private Task<EdgeClient> ConnectAsync(
        string clientId,
        ProtocolVersion version = V5,
        uint? sessionExpiry = null,
        ushort? receiveMaximum = null,
        uint? maximumPacketSize = null,
        bool cleanStart = true) =>
        EdgeClient.ConnectAsync(
            _edge, clientId, version, sessionExpiry: sessionExpiry, receiveMaximum: receiveMaximum, maximumPacketSize: maximumPacketSize, cleanStart: cleanStart);

    private async Task RetainAsync(string topic, string payload, byte[]? properties = null)
    {
        var publisher = await ConnectAsync("publisher");
        await publisher.RetainAsync(topic, payload, properties);
        publisher.Abort();
    }

    private async Task RetainManyAsync(int count)
    {
        var publisher = await ConnectAsync("publisher");
        for (var i = 0; i < count; i++)
        {
            publisher.Publish($"many/{i}", $"{i}", retain: true);
        }

        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == count);
        publisher.Abort();
    }

    /// <summary>Whatever was to be sent by now has been sent: the session has nothing under way.</summary>
    private static Task SettledAsync(EdgeClient subscriber) => Patience.UntilAsync(() => !subscriber.Owner.Session!.IsFeeding);

    // A feed that waits for its client looks again when its time has come.
    private async Task FedAsync(EdgeClient subscriber, int count)
    {
        await _edge.Time.AdvanceUntilAsync(FeedStep, () => subscriber.Messages.Length >= count, $"{count} messages");
        await subscriber.ReceiveAsync(count);
    }

    private Task FeedEndedAsync(EdgeClient gone) => _edge.Time.AdvanceUntilAsync(FeedStep, () => !gone.Owner.Session!.IsFeeding, "the end of the feed");
}
