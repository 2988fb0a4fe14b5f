using IotPlatform.Broadcasts;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>Broadcasts that go on after the devices that were online have been written to, at one shard.</summary>
public sealed class LastingShardTests : IAsyncDisposable
{
    private readonly Edge _edge = new();
    private long _flushes;

    private GatewayShard Shard => _edge.Shards.ShardOf(0);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Acknowledgements_AreCounted_AndWaitedFor()
    {
        var devices = await ConnectAsync("a", "b", "c");
        Assert.Equal(new BroadcastTally(3, 3, 0, 0), await BroadcastAsync(Message(1, qos: 1)));
        Assert.Equal(3, (await FollowAsync(1)).Awaited);

        Acknowledge(devices[0]);
        Acknowledge(devices[2]);
        var progress = await FollowAsync(1);
        Assert.Equal((2, 1), (progress.Tally.Acknowledged, progress.Awaited));
        Assert.Empty(progress.Notes);
        Assert.Equal(["b"], (await Shard.ListUnacknowledgedAsync(1, null, 10)).Names.AsEnumerable());
    }

    [Fact]
    public async Task Device_ThatWasSkippedOrGoes_IsNotedUntilThatIsKept()
    {
        var devices = await ConnectAsync("a", "b");
        devices[0].Connection.Outcome = SendOutcome.Full;
        Assert.Equal(new BroadcastTally(2, 1, 1, 0), await BroadcastAsync(Message(1, qos: 1)));
        devices[1].Owner.Closed();

        var progress = await FollowAsync(1);
        Assert.Equal([new DeviceNote("a", false), new DeviceNote("b", false)], progress.Notes.AsEnumerable());
        Assert.Equal((0, 0), (progress.FirstNote, progress.Awaited));
        Assert.Equal([new DeviceNote("b", false)], (await FollowAsync(1, notesKept: 1)).Notes.AsEnumerable());
        Assert.Empty((await FollowAsync(1, notesKept: 2)).Notes);
    }

    [Fact]
    public async Task Notes_ComeAThousandAtATime()
    {
        var names = Enumerable.Range(0, 1_001).Select(static i => $"d{i:D4}").ToArray();
        foreach (var device in await ConnectAsync(names))
        {
            device.Connection.Outcome = SendOutcome.Full;
        }

        await BroadcastAsync(Message(1, qos: 1));
        var first = await FollowAsync(1);
        Assert.Equal((1_000, true), (first.Notes.Length, first.HasMoreNotes));
        var second = await FollowAsync(1, notesKept: 1_000);
        Assert.Equal((1, false, 1_000), (second.Notes.Length, second.HasMoreNotes, second.FirstNote));
        Assert.Equal(names, first.Notes.Concat(second.Notes).Select(static note => note.DeviceName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Broadcast_ThatIsOver_NotesWhoHasNotAcknowledged_AndCountsNobodyMore()
    {
        var devices = await ConnectAsync("a", "b");
        await BroadcastAsync(Message(1, qos: 1));
        Acknowledge(devices[0]);
        var over = await FollowAsync(1, isOver: true);
        Assert.Equal(0, over.Awaited);
        Assert.Equal([new DeviceNote("b", false)], over.Notes.AsEnumerable());

        Acknowledge(devices[1]);
        Assert.Equal(1, (await FollowAsync(1, isOver: true)).Tally.Acknowledged);
        Assert.True((await FollowAsync(1, isForgotten: true)).IsKnown);
        Assert.False((await FollowAsync(1)).IsKnown);
    }

    [Fact]
    public async Task Rate_WritesToAsManyAsMayBeWrittenTo_InTheirOrder()
    {
        var devices = await ConnectAsync("a", "b", "c");
        Assert.Equal(new BroadcastTally(3, 0, 0, 0, Waiting: 3), await BroadcastAsync(Message(1) with { MaxRate = 10 }));
        Assert.All(devices, static device => Assert.Empty(device.Connection.Sent));

        Assert.Equal(new BroadcastTally(3, 2, 0, 0, Waiting: 1), (await FollowAsync(1, quota: 2)).Tally);
        Assert.Equal([1, 1, 0], devices.Select(static device => device.Connection.Sent.Count));
        Assert.Equal(new BroadcastTally(3, 3, 0, 0), (await FollowAsync(1, quota: 100)).Tally);
        Assert.Equal([1, 1, 1], devices.Select(static device => device.Connection.Sent.Count));
    }

    [Fact]
    public async Task Rate_SkipsWhoHasGoneMeanwhile()
    {
        var devices = await ConnectAsync("a", "b");
        await BroadcastAsync(Message(1, qos: 1) with { MaxRate = 10 });
        devices[0].Owner.Closed();
        var progress = await FollowAsync(1, quota: 10);
        Assert.Equal(new BroadcastTally(2, 1, 1, 0), progress.Tally);
        Assert.Equal([new DeviceNote("a", false)], progress.Notes.AsEnumerable());
    }

    [Fact]
    public async Task Rate_OfABroadcastThatIsOver_WritesToNobodyMore()
    {
        var devices = await ConnectAsync("a", "b");
        await BroadcastAsync(Message(1) with { MaxRate = 10 });
        await FollowAsync(1, isOver: true);
        Assert.Equal(new BroadcastTally(2, 0, 0, 0, Waiting: 2), (await FollowAsync(1, quota: 2)).Tally);
        Assert.All(devices, static device => Assert.Empty(device.Connection.Sent));
    }

    [Fact]
    public async Task Filter_ByPrefixAndTags_ReachesThoseThatFit()
    {
        var devices = await ConnectAsync("dev-1", "dev-2", "other");
        Learn(devices[0], ("ring", "canary"), ("site", "x"));
        Learn(devices[1], ("ring", "wide"));
        Learn(devices[2], ("ring", "canary"));

        Assert.Equal(2, (await BroadcastAsync(Message(1) with { Filter = new BroadcastFilter("dev-", []) })).Targeted);
        Assert.Equal(2, (await BroadcastAsync(Message(2) with { Filter = new BroadcastFilter("", [new("ring", "canary")]) })).Targeted);
        Assert.Equal(1, (await BroadcastAsync(Message(3) with { Filter = new BroadcastFilter("dev-", [new("ring", "canary"), new("site", "x")]) })).Targeted);
        Assert.Equal(0, (await BroadcastAsync(Message(4) with { Filter = new BroadcastFilter("dev-", [new("none", "")]) })).Targeted);
        Assert.Equal([3, 1, 1], devices.Select(static device => device.Connection.Sent.Count));
    }

    [Fact]
    public async Task Properties_AndWhatIsLeftOfTheExpiry_AreToldToClientsOf5()
    {
        var (connection, _) = (await ConnectAsync(ProtocolVersion.Mqtt500, "a"))[0];
        var message = Message(1) with { Properties = new byte[] { 3, 0, 1, 65 }, StaleAt = _edge.Time.GetUtcNow().AddSeconds(90), MaxRate = 1 };
        await BroadcastAsync(message);
        _edge.Time.Advance(TimeSpan.FromSeconds(30));
        await FollowAsync(1, quota: 1);

        // Message Expiry Interval (0x02) of 60 seconds, and the content type.
        Assert.Equal("020000003C03000141", Assert.Single(SentPublish.In(connection.Sent, ProtocolVersion.Mqtt500)).Properties);
    }

    [Fact]
    public async Task Broadcast_ThatIsStale_IsWrittenToNobody()
    {
        var devices = await ConnectAsync("a");
        Assert.Equal(new BroadcastTally(1, 0, 1, 0), await BroadcastAsync(Message(1) with { StaleAt = _edge.Time.GetUtcNow() }));
        Assert.Empty(devices[0].Connection.Sent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Device_ThatComesInTime_GetsItOnce_BeforeWhatComesLater(int qos)
    {
        var early = (await ConnectAsync("early"))[0];
        Assert.Equal(new BroadcastTally(1, 1, 0, 0), await BroadcastAsync(Message(1, qos) with { ExpiresAt = Soon }));
        Acknowledge(early, qos);
        await FollowAsync(1);

        var late = (await ConnectAsync("late"))[0];
        await BroadcastAsync(Message(2));
        Assert.Equal(["1", "2"], Ids(late));
        Acknowledge(late, qos);
        Assert.Equal((1, 1), ((await FollowAsync(1)).Tally.Late, (await FollowAsync(1)).Tally.Targeted));

        // Whoever has had it does not get it again.
        early.Owner.Closed();
        late.Owner.Closed();
        var again = await ConnectAsync("early", "late");
        await BroadcastAsync(Message(3));
        Assert.All(again, device => Assert.Equal(["3"], Ids(device)));
        Assert.Equal(1, (await FollowAsync(1)).Tally.Late);
    }

    [Fact]
    public async Task Device_OfWhichItIsNotKnownWhetherItHasHadIt_GetsItWhenThatIs()
    {
        using var unknown = new InstrumentSum(_edge.Instruments, "iot.gateway.broadcasts.unknown");
        await BroadcastAsync(Message(1) with { ExpiresAt = Soon });
        _edge.Host.Broadcasts.OnAddReached = static () => Task.FromException(new IOException("down"));
        var devices = await ConnectAsync("a", "b", "gone");
        Assert.Equal(3, unknown.Value);
        devices[2].Owner.Closed();

        // It is asked again, in vain, and then not.
        _edge.Time.Advance(TimeSpan.FromMilliseconds(500));
        await Patience.UntilAsync(() => unknown.Value == 2);
        await FlushAsync();
        Assert.All(devices[..2], static device => Assert.Equal(["0"], Ids(device)));

        _edge.Host.Broadcasts.OnAddReached = static () => Task.CompletedTask;
        await _edge.Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => devices[..2].All(static device => device.Connection.Sent.Count == 2));
        Assert.All(devices[..2], static device => Assert.Equal(["0", "1"], Ids(device)));
        Assert.Equal(2, (await FollowAsync(1)).Tally.Late);
        Assert.Equal(0, unknown.Value);
    }

    [Fact]
    public async Task Device_OfWhichItIsNotKnownUntilItIsOver_DoesNotGetIt()
    {
        using var unknown = new InstrumentSum(_edge.Instruments, "iot.gateway.broadcasts.unknown");
        await BroadcastAsync(Message(1) with { ExpiresAt = Soon });
        _edge.Host.Broadcasts.OnAddReached = static () => Task.FromException(new IOException("down"));
        var device = (await ConnectAsync("a"))[0];
        await FollowAsync(1, isOver: true);
        _edge.Host.Broadcasts.OnAddReached = static () => Task.CompletedTask;
        await _edge.Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => unknown.Value == 0);
        await FlushAsync();
        Assert.Equal(["0"], Ids(device));
    }

    [Fact]
    public async Task Device_ThatDidNotAcknowledge_GetsItAgainWhenItComesBackInTime()
    {
        var device = (await ConnectAsync("a"))[0];
        await BroadcastAsync(Message(1, qos: 1) with { ExpiresAt = Soon });
        device.Owner.Closed();
        var again = (await ConnectAsync("a"))[0];
        await FlushAsync();
        Assert.Equal(["1", "0"], Ids(again));
        Acknowledge(again);
        var progress = await FollowAsync(1);
        Assert.Equal([new DeviceNote("a", false), new DeviceNote("a", true)], progress.Notes.AsEnumerable());
        Assert.Equal(new BroadcastTally(1, 1, 0, 0, Acknowledged: 1, Late: 1), progress.Tally);
    }

    [Fact]
    public async Task Device_ThatComesTooLate_OrAfterItIsOver_DoesNotGetIt()
    {
        await BroadcastAsync(Message(1) with { ExpiresAt = Soon });
        await BroadcastAsync(Message(2) with { ExpiresAt = Soon.AddDays(1) });
        await FollowAsync(2, isOver: true);
        _edge.Time.Advance(TimeSpan.FromMinutes(1));
        var late = (await ConnectAsync("late"))[0];
        await FlushAsync();
        Assert.Equal(["0"], Ids(late));
    }

    [Fact]
    public async Task Device_ThatSubscribesInTime_GetsWhatIsForSubscribers()
    {
        await BroadcastAsync(Message(1) with { Topic = "/broadcast/anonymous/x", ExpiresAt = Soon });
        var (connection, owner) = (await ConnectAsync("a"))[0];
        await FlushAsync();
        Assert.Equal(["0"], Ids((connection, owner)));

        owner.Session!.TrySubscribe("/broadcast/anonymous/+"u8.ToArray(), default, out _);
        Shard.Subscribed(owner);
        await Patience.UntilAsync(() => connection.Sent.Count == 2);
        Assert.Equal("/broadcast/anonymous/x", SentPublish.In(connection.Sent)[^1].Topic);
        Shard.Subscribed(owner);
        await FlushAsync();
        Assert.Equal(3, connection.Sent.Count);
    }

    [Fact]
    public async Task Gateway_ThatHasComeSince_WritesItToWhomeverHasNotHadIt()
    {
        var devices = await ConnectAsync("a", "b");
        var message = Message(1) with { ExpiresAt = Soon };
        var hash = IReachedDevicesGrain.HashOf("a");
        await _edge.Host.Engine.GetGrain<IReachedDevicesGrain>(IReachedDevicesGrain.KeyOf(1, IReachedDevicesGrain.PartOf(hash))).ReachedAsync(new DeviceHashes([hash]));

        await BroadcastAsync(message with { IsLate = true });
        await FlushAsync();
        Assert.Equal([1, 2], devices.Select(static device => device.Connection.Sent.Count));
        Assert.Equal(new BroadcastTally(0, 0, 0, 0, Late: 1), (await FollowAsync(1)).Tally);
    }

    // Whoever reads in a receipt that a device has acknowledged may count on it: it does not get the broadcast again, wherever it comes next.
    [Fact]
    public async Task Acknowledgements_AreToldOfBeforeTheyAreCounted()
    {
        var devices = await ConnectAsync("a", "b");
        await BroadcastAsync(Message(1, qos: 1) with { ExpiresAt = Soon });
        var disk = new TaskCompletionSource();
        var writes = 0;
        _edge.Host.Broadcasts.OnAddReached = () => ++writes == 1 ? disk.Task : Task.CompletedTask;

        Acknowledge(devices[0]);
        var first = FollowAsync(1);
        await Patience.UntilAsync(() => writes == 1);
        var meanwhile = FollowAsync(1);
        Acknowledge(devices[1]);
        var last = FollowAsync(1);
        await FlushAsync();
        Assert.False(first.IsCompleted || meanwhile.IsCompleted || last.IsCompleted);

        disk.SetResult();
        Assert.Equal([1, 1, 2], (await Task.WhenAll(first, meanwhile, last)).Select(static progress => progress.Tally.Acknowledged));
        foreach (var hash in new[] { "a", "b" }.Select(IReachedDevicesGrain.HashOf))
        {
            var grain = _edge.Host.Engine.GetGrain<IReachedDevicesGrain>(IReachedDevicesGrain.KeyOf(1, IReachedDevicesGrain.PartOf(hash)));
            Assert.False(Assert.Single((await grain.ClaimAsync(new DeviceHashes([hash]), marks: false)).AreNew));
        }
    }

    [Fact]
    public async Task Retry_OfWhatIsOnItsWay_IsWrittenAgainToClientsOf311Only()
    {
        var old = (await ConnectAsync("old"))[0];
        var recent = (await ConnectAsync(ProtocolVersion.Mqtt500, "recent"))[0];
        var done = (await ConnectAsync("done"))[0];
        await BroadcastAsync(Message(1, qos: 1));
        Acknowledge(done);
        await Shard.RetryAsync(new RetryRequest(Message(1, qos: 1), DeviceNames: null));

        var copies = SentPublish.In(old.Connection.Sent);
        Assert.Equal([(copies[0].PacketId, false), (copies[0].PacketId, true)], copies.Select(static copy => (copy.PacketId, copy.Dup)));
        Assert.Single(recent.Connection.Sent);
        Assert.Single(done.Connection.Sent);
        Assert.Equal(1, (await FollowAsync(1)).Tally.Retried);
    }

    [Fact]
    public async Task Retry_ByName_WritesToThoseThatAreHere_AndNotesWhoAcknowledges()
    {
        var devices = await ConnectAsync("a", "b", "c");
        await Shard.RetryAsync(new RetryRequest(Message(1, qos: 1), ["a", "c", "elsewhere"]));
        Assert.Equal([1, 0, 1], devices.Select(static device => device.Connection.Sent.Count));
        await Shard.RetryAsync(new RetryRequest(Message(1, qos: 1), ["a", "c"]));
        Assert.Equal([1, 0, 1], devices.Select(static device => device.Connection.Sent.Count));

        Acknowledge(devices[2]);
        var progress = await FollowAsync(1);
        Assert.Equal([new DeviceNote("c", true)], progress.Notes.AsEnumerable());
        Assert.Equal(new BroadcastTally(0, 0, 0, 0, Acknowledged: 1, Retried: 2), progress.Tally);
        Assert.Equal(["a"], (await Shard.ListUnacknowledgedAsync(1, null, 10)).Names.AsEnumerable());
    }

    [Fact]
    public async Task Unacknowledged_ArePagedInTheOrderOfTheirNames()
    {
        await ConnectAsync("c", "a", "b");
        await BroadcastAsync(Message(1, qos: 1));
        var first = await Shard.ListUnacknowledgedAsync(1, null, 2);
        Assert.Equal((true, "a,b"), (first.HasMore, string.Join(',', first.Names)));
        var second = await Shard.ListUnacknowledgedAsync(1, "b", 2);
        Assert.Equal((false, "c"), (second.HasMore, string.Join(',', second.Names)));
        Assert.Empty((await Shard.ListUnacknowledgedAsync(2, null, 2)).Names);
    }

    private DateTimeOffset Soon => _edge.Time.GetUtcNow().AddMinutes(1);

    private static BroadcastMessage Message(long id, int qos = 0) => new(id, "anonymous", null, qos, new byte[] { 65 });

    private static void Learn((FakeConnection Connection, MqttConnection Owner) device, params (string Key, string Value)[] tags) =>
        device.Owner.Session!.Learn(new DeviceTags([.. tags.Select(static tag => new DeviceTag(tag.Key, tag.Value))], Generation: 1, Number: 1), isChange: true);

    // The ids that the topics name, in the order in which they arrived.
    private static string[] Ids((FakeConnection Connection, MqttConnection Owner) device) =>
        [.. SentPublish.In(device.Connection.Sent).Select(static publish => publish.Topic[(publish.Topic.LastIndexOf('/') + 1)..])];

    private static void Acknowledge((FakeConnection Connection, MqttConnection Owner) device, int qos = 1)
    {
        if (qos == 0)
        {
            return;
        }

        foreach (var publish in SentPublish.In(device.Connection.Sent).Where(static publish => publish.PacketId > 0))
        {
            byte[] pubAck = [0x40, 2, (byte)(publish.PacketId >> 8), (byte)publish.PacketId];
            device.Owner.Received(pubAck, out _);
        }
    }

    private async Task<BroadcastTally> BroadcastAsync(BroadcastMessage message) =>
        Assert.Single((await Shard.BroadcastAsync(new BroadcastBatch([message])).InTimeAsync()).Tallies);

    // One that comes behind all that waits for its turn.
    private Task<BroadcastTally> FlushAsync() => BroadcastAsync(new BroadcastMessage(_flushes--, "anonymous", null, 0, new byte[] { 66 }));

    private async Task<BroadcastProgress> FollowAsync(long id, int quota = 0, long notesKept = 0, bool isOver = false, bool isForgotten = false) =>
        Assert.Single((await Shard.FollowAsync(new BroadcastSteps([new BroadcastStep(id, quota, notesKept, isOver, isForgotten)])).InTimeAsync()).Progress);

    private Task<(FakeConnection Connection, MqttConnection Owner)[]> ConnectAsync(params string[] names) => ConnectAsync(ProtocolVersion.Mqtt311, names);

    private async Task<(FakeConnection Connection, MqttConnection Owner)[]> ConnectAsync(ProtocolVersion version, params string[] names)
    {
        var connections = new List<(FakeConnection, MqttConnection)>();
        foreach (var name in names)
        {
            var connection = new FakeConnection(ConnectionIds.Next());
            var owner = _edge.NewOwner(connection);

            // CONNACK is none of what is looked at; what has been missed may follow it at once.
            var isFirst = true;
            connection.OnSent = () =>
            {
                if (isFirst)
                {
                    isFirst = false;
                    connection.Sent.Clear();
                }
            };
            owner.Received(new ConnectPacket { Version = version, ClientId = name, CleanStart = true }.ToArray(version), out _);
            await Patience.UntilAsync(() => owner.IsOpen && !isFirst);
            connections.Add((connection, owner));
        }

        return [.. connections];
    }
}
