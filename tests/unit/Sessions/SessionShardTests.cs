using System.Collections.Immutable;
using System.Text;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Sessions;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Sessions in the grain that keeps them.</summary>
public sealed class SessionShardTests : IAsyncDisposable
{
    private static readonly DeviceId Device = new("p", "d");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private GrainHost _host = new();
    private long _number;

    private ISessionShardGrain Shard => _host.Engine.GetGrain<ISessionShardGrain>(SessionShards.KeyOf(SessionShards.Of(Device)));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Session_WithoutExpiry_IsNotKept()
    {
        var opened = await OpenAsync(1, TimeSpan.Zero);
        Assert.Equal((false, false), (opened.IsKept, opened.IsPresent));
        Assert.Equal(0, _host.Sessions.SessionCount);
    }

    [Fact]
    public async Task Session_AfterTheEndOfEverything_IsFoundAgain_WithItsMessages()
    {
        await SubscribedAsync("a/#");
        await CloseAsync();
        await PublishAsync("a/1", "one");
        await RestartAsync();
        await PublishAsync("a/2", "two");

        var opened = await OpenAsync(2);
        Assert.Equal((true, true), (opened.IsKept, opened.IsPresent));
        Assert.Equal("a/#", Assert.Single(opened.Subscriptions).Filter);
        await Shard.ResumeAsync(Name(2));
        Assert.Equal(["one", "two"], await PushedAsync(2));
    }

    [Fact]
    public async Task Messages_StoredBetweenTwoConnections_AreNotTakenForLost_WhereTheFirstStillReads()
    {
        await SubscribedAsync("a");
        await CloseAsync();
        await PublishAsync("a", "one");
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        _host.Sessions.OnLoaded = () => first.Task;
        var opening = OpenAsync(2);
        await Shard.CloseAsync(new CloseSession(Name(2), Hour, DiscardsWill: false)).InTimeAsync();
        await PublishAsync("a", "two");
        _host.Sessions.OnLoaded = () => second.Task;
        var openingAgain = OpenAsync(3);
        first.SetResult();
        second.SetResult();
        await Task.WhenAll(opening, openingAgain).InTimeAsync();
        await Shard.ResumeAsync(Name(3)).InTimeAsync();
        Assert.Equal(["one", "two"], await PushedAsync(2));
    }

    [Fact]
    public async Task Session_ThatIsAcknowledged_LeavesNothing()
    {
        await SubscribedAsync("a");
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        await PublishAsync("a", "one");
        await PushedAsync(1);
        await StepAsync(SessionStepKind.Acknowledged, Pushes()[0].Sequence);
        Assert.Equal(0, _host.Sessions.MessageCount);
    }

    [Fact]
    public async Task CleanStart_EndsTheEarlierSession()
    {
        await SubscribedAsync("a");
        await PublishAsync("a", "one");
        var opened = await OpenAsync(2, isCleanStart: true);
        Assert.False(opened.IsPresent);
        Assert.Empty(opened.Subscriptions);
        Assert.Equal((1, 0), (_host.Sessions.SessionCount, _host.Sessions.MessageCount));
        opened = await OpenAsync(3, TimeSpan.Zero, isCleanStart: true);
        Assert.False(opened.IsKept);
        Assert.Equal(0, _host.Sessions.SessionCount);
    }

    // [MQTT-3.1.2-6]
    [Fact]
    public async Task Session_ThatWasToEndWithItsConnection_IsNotResumedByATakeover()
    {
        await OpenAsync(1);
        await OpenAsync(2, TimeSpan.Zero);
        Assert.False((await OpenAsync(3)).IsPresent);
    }

    [Fact]
    public async Task OlderConnection_ThatComesLate_ChangesNothing()
    {
        await OpenAsync(5);
        Assert.True((await OpenAsync(4)).IsSuperseded);
        Assert.NotNull(await Shard.ChangeSubscriptionsAsync(new ChangeSubscriptions(Name(4), [Subscription("a")], [])));
        await Shard.CloseAsync(new CloseSession(Name(4), TimeSpan.Zero, DiscardsWill: false));
        Assert.True((await Shard.FindAsync(Device))!.IsConnected);
    }

    [Fact]
    public async Task Call_ThatIsRepeated_OpensTheSameSession()
    {
        await SubscribedAsync("a");
        var again = await OpenAsync(1);
        Assert.Equal((true, false), (again.IsKept, again.IsPresent));
        Assert.Single(again.Subscriptions);
    }

    [Fact]
    public async Task Window_IsWhatTheClientTakes_AndGoesOnWithItsAcknowledgements()
    {
        await SubscribedAsync("a", receiveMaximum: 2);
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        for (var i = 0; i < 4; i++)
        {
            await PublishAsync("a", $"m{i}");
        }

        Assert.Equal(["m0", "m1"], await PushedAsync(2));
        await StepAsync(SessionStepKind.Acknowledged, Pushes()[0].Sequence);
        Assert.Equal(["m0", "m1", "m2"], await PushedAsync(3));
    }

    [Fact]
    public async Task NotResumed_IsSentNothing()
    {
        await SubscribedAsync("a");
        await PublishAsync("a", "one");
        Assert.Empty(Pushes());
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        Assert.Equal(["one"], await PushedAsync(1));
    }

    [Fact]
    public async Task NewConnection_IsSentWhatIsUnacknowledged_AsADuplicate_AndReleasesWhatTheClientHas()
    {
        await SubscribedAsync("a", qos: 2);
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        await PublishAsync("a", "one", qos: 2);
        await PublishAsync("a", "two", qos: 2);
        await PushedAsync(2);
        var sequence = Pushes()[0].Sequence;
        await StepAsync(SessionStepKind.Received, sequence);
        await RestartAsync();

        await OpenAsync(2);
        await Shard.ResumeAsync(Name(2));
        await Patience.UntilAsync(() => Pushes().Length == 2);
        Assert.Equal((sequence, true), (Pushes()[0].Sequence, Pushes()[0].Message is null));
        Assert.Equal((true, "two"), (Pushes()[1].IsDuplicate, TextOf(Pushes()[1])));
    }

    [Fact]
    public async Task PublishAtQoS2_ThatComesTwice_IsTakenOnce()
    {
        await SubscribedAsync("a", qos: 2);
        await PublishAsync("a", "once", qos: 2, publishId: 7);
        await PublishAsync("a", "once", qos: 2, publishId: 7);
        Assert.Equal(1, _host.Sessions.MessageCount);
    }

    [Fact]
    public async Task Batch_ThatIsSentAgain_IsTakenOnce()
    {
        await SubscribedAsync("a");
        var batch = Batch(Publish("a", "one"));
        var first = await Shard.PublishAsync(batch).InTimeAsync();
        Assert.Equal(first.Outcomes, (await Shard.PublishAsync(batch).InTimeAsync()).Outcomes);
        Assert.Equal(1, _host.Sessions.MessageCount);
    }

    [Fact]
    public async Task Publish_ThatCanNotBeStored_SaysSo_AndIsNotKept()
    {
        await SubscribedAsync("a");
        _host.Sessions.OnWrite = static _ => Task.FromException(new StoreUnavailableException());
        Assert.Equal(SessionPublishOutcome.Failed, await PublishAsync("a", "lost"));
        Assert.Equal(0, (await Shard.FindAsync(Device))!.QueuedMessages);
    }

    [Fact]
    public async Task Publish_IsAnsweredOnceItIsStored()
    {
        await SubscribedAsync("a");
        var stored = new TaskCompletionSource();
        _host.Sessions.OnWrite = _ => stored.Task;
        var publish = PublishAsync("a", "one");
        Assert.False(publish.IsCompleted);
        stored.SetResult();
        Assert.Equal(SessionPublishOutcome.Done, await publish);
    }

    // [MQTT-3.3.4-2], [MQTT-3.3.4-4], and at QoS 0 its gateway sends it.
    [Fact]
    public async Task OverlappingSubscriptions_GetOneMessage_AtTheHighestQoS_WithAllIdentifiers()
    {
        await OpenAsync(1);
        await ChangeAsync(Subscription("a/#", qos: 1, identifier: 5), Subscription("+/b", qos: 2, identifier: 300), Subscription("a/b", qos: 0, identifier: 7), Subscription("x"));
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        await PublishAsync("a/b", "m", qos: 2);
        await PushedAsync(1);
        Assert.Equal((2, "0B050BAC020B07"), (Pushes()[0].QoS, Convert.ToHexString(Pushes()[0].Identifiers.Span)));

        await ChangeAsync(removed: ["a/#", "+/b"]);
        await PublishAsync("a/b", "at QoS 0");
        Assert.Equal(1, (await Shard.FindAsync(Device))!.QueuedMessages);
    }

    [Fact]
    public async Task NoLocal_WantsNothingOfItsOwn()
    {
        await OpenAsync(1);
        await ChangeAsync(Subscription("a", noLocal: true));
        await Shard.PublishAsync(Batch(Publish("a", "own") with { From = Device })).InTimeAsync();
        await Shard.PublishAsync(Batch(Publish("a", "other") with { From = new DeviceId("p", "other") })).InTimeAsync();
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        Assert.Equal(["other"], await PushedAsync(1));
    }

    [Fact]
    public async Task SharedSubscription_IsServedHere_OnlyWhileItsSessionHasNoConnection()
    {
        await OpenAsync(1);
        await ChangeAsync(Subscription("$share/g/a"));
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        var publish = Publish("a", "m") with { Shares = ["$share/g/a"], IsSharesOnly = true };
        Assert.Equal(SessionPublishOutcome.Unserved, await PublishAsync(publish));
        await CloseAsync();
        Assert.Equal(SessionPublishOutcome.Done, await PublishAsync(publish));
        Assert.Equal(1, (await Shard.FindAsync(Device))!.QueuedMessages);
    }

    [Fact]
    public async Task Interests_AreToldToGateways()
    {
        await OpenAsync(1);
        await ChangeAsync(Subscription("a"), Subscription("zero", qos: 0), Subscription("$share/g/s"));
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        Assert.Equal(["a"], await InterestsAsync());
        await CloseAsync();
        Assert.Equal(["$share/g/s", "a"], await InterestsAsync());
        await Shard.EndAsync(Device).InTimeAsync();
        Assert.Empty(await InterestsAsync());
    }

    [Fact]
    public async Task Session_EndsWhenItsTimeIsUp()
    {
        await SubscribedAsync("a");
        await Shard.CloseAsync(new CloseSession(Name(1), TimeSpan.FromSeconds(60), DiscardsWill: false));
        await PublishAsync("a", "one");
        _host.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(await Shard.FindAsync(Device));
        _host.Time.Advance(TimeSpan.FromSeconds(6));
        await Patience.UntilAsync(() => _host.Sessions.SessionCount == 0);
        Assert.Null(await Shard.FindAsync(Device));
        Assert.Equal(0, _host.Sessions.MessageCount);
    }

    // [MQTT-4.1.0-2]
    [Fact]
    public async Task Session_WhoseTimeIsUp_IsNotResumed_AlsoWhereNobodyHasNoticedYet()
    {
        await SubscribedAsync("a");
        await Shard.CloseAsync(new CloseSession(Name(1), TimeSpan.FromSeconds(1), DiscardsWill: false)).InTimeAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _host.Sessions.SessionCount);
        Assert.False((await OpenAsync(2)).IsPresent);
    }

    [Fact]
    public async Task Store_ThatIsAwayWhenAGatewayIsLost_KeepsNoOtherSessionFromEnding()
    {
        var other = Enumerable.Range(0, 1_000).Select(static i => new DeviceId("p", $"d{i}")).First(static device => SessionShards.Of(device) == SessionShards.Of(Device));
        await SubscribedAsync("a");
        await Shard.OpenAsync(Open(new SessionName(other, 1), TimeSpan.FromSeconds(1))).InTimeAsync();
        await Shard.CloseAsync(new CloseSession(new SessionName(other, 1), TimeSpan.FromSeconds(1), DiscardsWill: false)).InTimeAsync();
        await _host.SetLiveAsync(_host.Lease("g1"));
        await _host.SetLiveAsync();
        _host.Sessions.OnWrite = static _ => Task.FromException(new StoreUnavailableException());
        _host.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await Shard.FindAsync(other).InTimeAsync());
        Assert.False((await Shard.FindAsync(Device))!.IsConnected);
    }

    [Fact]
    public async Task Session_WhoseGatewayIsLost_WaitsForItsClient()
    {
        await SubscribedAsync("a");
        await _host.SetLiveAsync(_host.Lease("g1"));
        await _host.SetLiveAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(5));
        await Patience.UntilAsync(() => _host.Sessions[Device]!.OfflineSince is not null);
        Assert.False((await Shard.FindAsync(Device))!.IsConnected);
    }

    [Fact]
    public async Task Sessions_BeyondTheBound_EndTheLongestAway()
    {
        _host.SessionOptions.OfflineMax = SessionShards.Count;
        await OpenAsync(1);
        await CloseAsync();
        var other = Enumerable.Range(0, int.MaxValue).Select(static i => new DeviceId("p", $"o{i}")).First(static device => SessionShards.Of(device) == SessionShards.Of(Device));
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        await Shard.OpenAsync(Open(new SessionName(other, 1), Hour));
        await Shard.CloseAsync(new CloseSession(new SessionName(other, 1), Hour, DiscardsWill: false));
        _host.Time.Advance(TimeSpan.FromSeconds(5));
        await Patience.UntilAsync(() => _host.Sessions.SessionCount == 1);
        Assert.Null(await Shard.FindAsync(Device));
        Assert.NotNull(await Shard.FindAsync(other));
    }

    [Fact]
    public async Task Grain_ThatHasLostItsMemory_IsNamedItsConnections_AndGoesOn()
    {
        await SubscribedAsync("a");
        await Shard.ResumeAsync(Name(1)).InTimeAsync();
        await PublishAsync("a", "one");
        await PushedAsync(1);
        await RestartAsync();
        var link = new SessionLink(Name(1), Attachment(1), _host.Observer, 10, Hour);
        var linked = await Shard.LinkAsync(new LinkSessions([link, link with { Session = new SessionName(new DeviceId("p", "unknown"), 1) }])).InTimeAsync();
        Assert.Equal([false, true], linked.Lost.ToArray());

        // Its gateway passes over what it has been given before.
        Assert.Equal(["one"], await PushedAsync(1));
        await PublishAsync("a", "two");
        Assert.Equal(["one", "two"], await PushedAsync(2));
    }

    [Fact]
    public async Task Received_IsKnownToLaterConnections_UntilItIsReleased()
    {
        await OpenAsync(1);
        await StepAsync(SessionStepKind.Taken, 7, publishId: 70);
        await StepAsync(SessionStepKind.Taken, 8, publishId: 80);
        await StepAsync(SessionStepKind.Routed, 8, publishId: 80);
        await StepAsync(SessionStepKind.Routed, 7, publishId: 71);
        await RestartAsync();
        Assert.Equal([new ReceivedMessage(7, 70, IsRouted: false), new ReceivedMessage(8, 80, IsRouted: true)], (await OpenAsync(2)).Received.ToArray());
        await StepAsync(SessionStepKind.Released, 7);
        await RestartAsync();
        Assert.Equal(8, Assert.Single((await OpenAsync(3)).Received).PacketId);
    }

    [Fact]
    public async Task Copy_ForASessionThatHasEnded_IsNotForTheNextOne()
    {
        await OpenAsync(1);
        await OpenAsync(2, isCleanStart: true);
        var copy = new SessionCopy(Name(1), 1, IsRetain: true, default, Share: null);
        Assert.Equal(SessionPublishOutcome.Unserved, await PublishAsync(Publish("a", "late") with { To = copy }));
    }

    // [MQTT-3.1.2-8], [MQTT-3.1.3-9]: section 3.1.3.2.2
    [Fact]
    public async Task Will_ThatWaits_IsPublishedWhenItsTimeHasCome()
    {
        await LoseConnectionAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, _host.OtherGateway.Wills.Count);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        await WillPublishedAsync();
        Assert.Null(_host.Sessions[Device]!.Will);
    }

    [Fact]
    public async Task Will_ThatWaits_SurvivesTheEndOfEverything()
    {
        await LoseConnectionAsync();
        await RestartAsync();
        await _host.SetLiveAsync(_host.Lease("g2"));
        await Shard.FindAsync(Device).InTimeAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(30));
        await WillPublishedAsync();
    }

    [Fact]
    public async Task Will_WhoseClientComesBackInTime_IsNotPublished()
    {
        await LoseConnectionAsync();
        await OpenAsync(2);
        _host.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, _host.OtherGateway.Wills.Count);
        Assert.Null(_host.Sessions[Device]!.Will);
    }

    [Fact]
    public async Task Will_WhoseClientComesBackWithACleanStart_IsPublished()
    {
        await LoseConnectionAsync();
        await OpenAsync(2, isCleanStart: true);
        await WillPublishedAsync();
    }

    [Fact]
    public async Task Will_OfASessionThatEndsSooner_IsPublishedThen()
    {
        await LoseConnectionAsync(TimeSpan.FromSeconds(3));
        _host.Time.Advance(TimeSpan.FromSeconds(3));
        await WillPublishedAsync();
    }

    [Fact]
    public async Task Will_OfAClientThatSaysGoodbye_IsNotPublished()
    {
        await OpenAsync(1, will: Will());
        await CloseAsync(discardsWill: true);
        _host.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, _host.OtherGateway.Wills.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SharedMessages_OfASessionThatEnds_GoToOtherMembers(bool isRestarted)
    {
        await _host.SetLiveAsync(_host.Lease("g2"));
        await SubscribedAsync("$share/g/a");
        await ChangeAsync(Subscription("own"));
        await PublishAsync(Shared("a", "shared"));
        await PublishAsync(Shared("a", "begun", qos: 2));
        await PublishAsync("own", "not shared");
        await Shard.ResumeAsync(Name(1));
        await PushedAsync(3);
        await CloseAsync(expiry: TimeSpan.FromSeconds(10));
        await PublishAsync(Publish("a", "away", qos: 2) with { Shares = ["$share/g/a"], IsSharesOnly = true });
        if (isRestarted)
        {
            await RestartAsync();
            await _host.SetLiveAsync(_host.Lease("g2"));
            Assert.NotNull(await Shard.FindAsync(Device));
        }

        await DriveUntilAsync(() => _host.Sessions.SessionCount == 0, "the session has ended");

        Assert.Equal(["shared", "away"], _host.OtherGateway.Redistributed.Select(static message => Encoding.UTF8.GetString(message.Payload.Span)));
        Assert.All(_host.OtherGateway.Redistributed, static message => Assert.True(message.SharesOnly && message.Shares.Single() == "$share/g/a"));
    }

    [Fact]
    public async Task SharedMessages_ThatNobodyTakes_KeepTheirSession_UntilSomebodyDoes()
    {
        await SubscribedAsync("$share/g/a");
        await PublishAsync(Shared("a", "shared"));
        await CloseAsync(expiry: TimeSpan.FromSeconds(10));
        for (var i = 0; i < 30; i++)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.NotNull(await Shard.FindAsync(Device).InTimeAsync());
        await _host.SetLiveAsync(_host.Lease("g2"));
        await DriveUntilAsync(() => _host.Sessions.SessionCount == 0, "the session has ended");
        Assert.Single(_host.OtherGateway.Redistributed);
    }

    // [MQTT-4.1.0-2]
    [Fact]
    public async Task SharedMessages_ThatNobodyTakes_KeepNoSessionForItsClient_WhenItsTimeIsUp()
    {
        await SubscribedAsync("$share/g/a");
        await PublishAsync(Shared("a", "shared"));
        await CloseAsync(expiry: TimeSpan.FromSeconds(10));
        for (var i = 0; i < 30; i++)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var opening = OpenAsync(2);
        await DriveUntilAsync(() => opening.IsCompleted, "the answer to its client");
        Assert.False((await opening).IsPresent);
    }

    [Fact]
    public async Task SharedMessages_OfASessionThatItsClientDoesNotWantAnyMore_GoToOtherMembers()
    {
        await _host.SetLiveAsync(_host.Lease("g2"));
        await SubscribedAsync("$share/g/a");
        await PublishAsync(Shared("a", "shared"));
        await OpenAsync(2, isCleanStart: true);
        Assert.Single(_host.OtherGateway.Redistributed);
    }

    // As a gateway appends what its own member is to have.
    private static SessionPublish Shared(string topic, string payload, int qos = 1) => Publish(topic, payload, qos) with
    {
        To = new SessionCopy(Name(1), qos, IsRetain: false, Identifiers: default, Share: $"$share/g/{topic}"),
    };

    // What waits for the clock begins to wait a moment later, on another thread.
    private async Task DriveUntilAsync(Func<bool> condition, string awaited)
    {
        var end = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, $"Waited 20 s for {awaited}.");
            _host.Time.Advance(TimeSpan.FromSeconds(1));

            // Gateways ask it every second, or it would be collected.
            await Shard.FindAsync(Device).InTimeAsync();
            await Task.Delay(10);
        }
    }

    private static SessionWill Will() => new(new DeviceWill("w", new byte[] { 7 }, default, QoS: 1, Retain: false), TimeSpan.FromSeconds(30));

    private async Task LoseConnectionAsync(TimeSpan? expiry = null)
    {
        await _host.SetLiveAsync(_host.Lease("g2"));
        await OpenAsync(1, will: Will());
        await CloseAsync(expiry: expiry);
    }

    private async Task WillPublishedAsync()
    {
        await Patience.UntilAsync(() => _host.OtherGateway.Wills.Count > 0);
        Assert.Equal(1, _host.OtherGateway.Wills.Count);
    }

    private static SessionName Name(long order) => new(Device, order);

    private static Attachment Attachment(long connectionId) => new(new GatewayId("g1"), 1, connectionId);

    private static SessionSubscription Subscription(string filter, int qos = 1, long identifier = 0, bool noLocal = false) =>
        new(filter, qos | (noLocal ? 4 : 0), identifier);

    private static SessionPublish Publish(string topic, string payload, int qos = 1, long publishId = 0) => new(
        new SessionMessage(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), default, qos, IsRetain: false, publishId, ExpiresAt: null), From: null, Shares: [],
        IsSharesOnly: false, ServedElsewhere: null, To: null, IsSticky: false);

    private static string TextOf(PushedMessage message) => Encoding.UTF8.GetString(message.Message!.Payload.Span);

    private SessionPublishBatch Batch(params SessionPublish[] publishes) => new(new GatewayId("g1"), 1, ++_number, [.. publishes]);

    private OpenSession Open(SessionName name, TimeSpan expiry, bool isCleanStart = false, int receiveMaximum = 10, SessionWill? will = null) => new(
        name, new SessionWish(isCleanStart, expiry, new SessionBounds(100, 10_000, DropsOldest: false), will), Attachment(name.Order), _host.Observer,
        receiveMaximum);

    private Task<OpenedSession> OpenAsync(long order, TimeSpan? expiry = null, bool isCleanStart = false, int receiveMaximum = 10, SessionWill? will = null) =>
        Shard.OpenAsync(Open(Name(order), expiry ?? Hour, isCleanStart, receiveMaximum, will)).InTimeAsync();

    private async Task SubscribedAsync(string filter, int receiveMaximum = 10, int qos = 1)
    {
        await OpenAsync(1, receiveMaximum: receiveMaximum);
        await ChangeAsync(Subscription(filter, qos));
    }

    private Task ChangeAsync(params SessionSubscription[] added) => ChangeAsync(added, []);

    private Task ChangeAsync(ImmutableArray<string> removed) => ChangeAsync([], removed);

    private async Task ChangeAsync(IEnumerable<SessionSubscription> added, ImmutableArray<string> removed) =>
        Assert.Null(await Shard.ChangeSubscriptionsAsync(new ChangeSubscriptions(Name(1), [.. added], removed)).InTimeAsync());

    private Task<SessionPublishOutcome> PublishAsync(string topic, string payload, int qos = 1, long publishId = 0) =>
        PublishAsync(Publish(topic, payload, qos, publishId));

    private async Task<SessionPublishOutcome> PublishAsync(SessionPublish publish) => (await Shard.PublishAsync(Batch(publish)).InTimeAsync()).Outcomes[0];

    private Task StepAsync(SessionStepKind kind, long number, long publishId = 0) =>
        Shard.StepAsync(new SessionStepBatch([new SessionStep(Device, kind, number, publishId)])).InTimeAsync();

    private PushedMessage[] Pushes() => [.. _host.Gateway.Pushes.SelectMany(static push => push.Messages)];

    private async Task<string[]> PushedAsync(int count)
    {
        await Patience.UntilAsync(() => Pushes().Length >= count, $"{count} messages");
        return [.. Pushes().Select(TextOf)];
    }

    private async Task<string[]> InterestsAsync()
    {
        var changes = await Shard.PullInterestsAsync(new InterestPull(new GatewayId("g9"), 1, 0, 0, ++_number)).InTimeAsync();

        // Who does not pull any more is not waited for.
        _host.Time.Advance(IGatewayPeer.PullValidity);
        return [.. changes.Added.Order(StringComparer.Ordinal)];
    }

    private Task CloseAsync(bool discardsWill = false, TimeSpan? expiry = null) =>
        Shard.CloseAsync(new CloseSession(Name(1), expiry ?? Hour, discardsWill)).InTimeAsync();

    private async Task RestartAsync()
    {
        var before = _host;
        _host = new GrainHost(before);
        await before.DisposeAsync();
    }
}
