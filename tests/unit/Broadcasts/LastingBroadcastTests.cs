using IotPlatform.Broadcasts;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Orleans.Runtime;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>Broadcasts that go on after the devices that were online have been written to, from the root to the gateways, on a real engine.</summary>
public sealed class LastingBroadcastTests : IAsyncDisposable
{
    private static readonly TimeSpan ShortTime = TimeSpan.FromSeconds(3);

    private readonly LastingScenario _scenario = new();

    // Whatever a test waits for comes before that.
    public LastingBroadcastTests() => _scenario.Host.BroadcastOptions.AcknowledgementTime = TimeSpan.FromHours(1);

    private DateTimeOffset Now => _scenario.Host.Time.GetUtcNow();

    private MemoryBroadcastStore Store => _scenario.Host.Broadcasts;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Qos1_IsAnsweredWhileItRuns_AndCompletedWhenNothingIsAwaited()
    {
        var (a, b) = (await _scenario.JoinAsync("g1", "d1", "d2"), await _scenario.JoinAsync("g2", "d3"));
        var receipt = await _scenario.PublishAsync();
        Assert.Equal((BroadcastStatus.Running, null, new BroadcastTally(3, 3, 0, 0)), (receipt.Status, receipt.CompletedAt, receipt.Tally));

        a.Acknowledge("d1");
        a.Acknowledge("d2");
        var live = await _scenario.UntilAsync(receipt.MessageId, static receipt => receipt.Tally.Acknowledged == 2);
        Assert.Equal(BroadcastStatus.Running, live.Status);

        b.Acknowledge("d3");
        var ended = await _scenario.UntilEndedAsync(receipt.MessageId);
        Assert.Equal((BroadcastStatus.Completed, new BroadcastTally(3, 3, 0, 0, Acknowledged: 3)), (ended.Status, ended.Tally));
        Assert.Empty(await _scenario.UnacknowledgedAsync(receipt.MessageId));
        await _scenario.UntilAsync(() => a.Known + b.Known == 0);
    }

    [Fact]
    public async Task Qos1_WhereADeviceNeverAcknowledges_IsCompletedAfterItsTime_AndNamesTheDevice()
    {
        _scenario.Host.BroadcastOptions.AcknowledgementTime = ShortTime;
        var shard = await _scenario.JoinAsync("g1", "d1", "d2");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        shard.Acknowledge("d2");
        var ended = await _scenario.UntilEndedAsync(messageId);
        Assert.Equal((BroadcastStatus.Completed, new BroadcastTally(2, 2, 0, 0, Acknowledged: 1)), (ended.Status, ended.Tally));
        Assert.True(ended.CompletedAt - ended.CreatedAt >= ShortTime);
        Assert.Equal(["d1"], await _scenario.UnacknowledgedAsync(messageId));
        Assert.Equal(ended, await Store.FindAsync("p", messageId));
    }

    [Fact]
    public async Task Qos1_WhoseShardsHaveNotSaidYetWhomTheyWaitFor_GoesOn()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        shard.IsSilent = true;
        for (var i = 0; i < 5; i++)
        {
            await _scenario.RoundAsync();
        }

        shard.IsSilent = false;
        await _scenario.UntilAsync(() => shard.Steps.Length > 2);
        Assert.All(shard.Steps, static step => Assert.False(step.IsOver));
        shard.Acknowledge("d1");
        Assert.Equal(1, (await _scenario.UntilEndedAsync(messageId)).Tally.Acknowledged);
    }

    [Fact]
    public async Task Lasting_WithoutGateways_IsCompleted()
    {
        var receipt = await _scenario.PublishAsync();
        Assert.Equal((BroadcastStatus.Completed, default), ((await _scenario.UntilEndedAsync(receipt.MessageId)).Status, receipt.Tally));
    }

    [Fact]
    public async Task Lasting_WhichTheGatewaysRefuseAtFirst_IsUnknownThere()
    {
        var (a, b) = (await _scenario.JoinAsync("g1", "d1"), await _scenario.JoinAsync("g2", "d2"));
        b.IsSilent = true;
        var receipt = await _scenario.PublishAsync();
        Assert.Equal(new BroadcastTally(1, 1, 0, 1), receipt.Tally);

        a.Acknowledge("d1");
        b.IsSilent = false;
        Assert.Equal(new BroadcastTally(1, 1, 0, 1, Acknowledged: 1), (await _scenario.UntilEndedAsync(receipt.MessageId)).Tally);
    }

    [Fact]
    public async Task Receipt_NamesTheGateways_AndAddsThemUp()
    {
        await _scenario.JoinAsync("g2", "d3");
        await _scenario.JoinAsync("g1", new LastingShard("d1"), new LastingShard("d2", "d4"));
        var receipt = await _scenario.PublishAsync(timeToLive: TimeSpan.FromHours(1));
        await _scenario.JoinAsync("g3", "d5");
        receipt = await _scenario.UntilAsync(receipt.MessageId, static receipt => receipt.Tally.Late == 1);
        Assert.Equal(
            [("g1", new BroadcastTally(3, 3, 0, 0)), ("g2", new BroadcastTally(1, 1, 0, 0)), ("g3", new BroadcastTally(0, 0, 0, 0, Late: 1))],
            receipt.Gateways.Select(static gateway => (gateway.Gateway.Value, gateway.Tally)));
        Assert.Equal(new BroadcastTally(4, 4, 0, 0, Late: 1), receipt.Tally);
    }

    [Fact]
    public async Task Notes_OfSeveralAnswers_AreStoredOnceAndConfirmed()
    {
        _scenario.Host.BroadcastOptions.AcknowledgementTime = ShortTime;
        string[] devices = ["d1", "d2", "d3", "d4", "d5"];
        var shard = new LastingShard(devices) { NotesInAnAnswer = 2 };
        await _scenario.JoinAsync("g1", shard);
        var messageId = (await _scenario.PublishAsync()).MessageId;
        await _scenario.UntilEndedAsync(messageId);
        Assert.Equal(devices, Store.Notes.Select(static note => note.DeviceName));
        Assert.Equal(devices, await _scenario.UnacknowledgedAsync(messageId));
        await _scenario.UntilAsync(() => shard.Known == 0);
        Assert.Equal(5, shard.Steps[^1].NotesKept);
    }

    [Fact]
    public async Task Notes_ThatTheStoreDoesNotTake_AreAskedForAgain()
    {
        var failures = 0;
        Store.OnNote = () =>
        {
            failures++;
            throw new IOException("The disk is full.");
        };
        var shard = await _scenario.JoinAsync("g1", "d1", "d2");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        shard.Disconnect("d1");
        await _scenario.UntilAsync(() => failures >= 3);
        Assert.Empty(Store.Notes);
        Assert.All(shard.Steps, static step => Assert.Equal(0, step.NotesKept));

        Store.OnNote = static () => Task.CompletedTask;
        shard.Acknowledge("d2");
        Assert.Equal(1, (await _scenario.UntilEndedAsync(messageId)).Tally.Acknowledged);
        Assert.Equal([new DeviceNote("d1", HasAcknowledged: false)], Store.Notes);
    }

    [Fact]
    public async Task Rate_LowerThanOneAShard_GoesOnAndIsKept()
    {
        LastingShard[] shards = [new("a1", "a2"), new("b1", "b2"), new("c1"), new("e1", "e2")];
        await _scenario.JoinAsync("g1", shards);
        var began = Now;
        var receipt = await _scenario.PublishAsync(qos: 0, maxRate: 1);
        Assert.Equal(new BroadcastTally(7, 0, 0, 0, Waiting: 7), receipt.Tally);
        while (shards.Sum(static shard => shard.Waiting) > 0)
        {
            await _scenario.RoundAsync();
            Assert.InRange(shards.Sum(static shard => shard.Written), 0, (Now - began).TotalSeconds);
        }

        Assert.True(Now - began >= TimeSpan.FromSeconds(7));
        Assert.Equal(new BroadcastTally(7, 7, 0, 0), (await _scenario.UntilEndedAsync(receipt.MessageId)).Tally);
        Assert.All(shards, static shard => Assert.All(shard.Steps, static step => Assert.InRange(step.Quota, 0, 1)));
    }

    [Fact]
    public async Task Rate_WhereAShardIsSilent_HoldsUpNoOther()
    {
        var (a, b) = (await _scenario.JoinAsync("g1", "d1", "d2", "d3"), await _scenario.JoinAsync("g2", "d4", "d5"));
        var messageId = (await _scenario.PublishAsync(qos: 0, maxRate: 5)).MessageId;
        a.IsSilent = true;
        await _scenario.UntilAsync(() => b.Written == 2);
        Assert.Equal(0, a.Written);
        a.IsSilent = false;
        Assert.Equal(5, (await _scenario.UntilEndedAsync(messageId)).Tally.Written);
    }

    [Fact]
    public async Task TimeToLive_LetsItRunUntilItsEnd_AndLateGatewaysHaveItOnce()
    {
        var early = await _scenario.JoinAsync("g1", "d1");
        var receipt = await _scenario.PublishAsync(qos: 0, timeToLive: TimeSpan.FromSeconds(20));
        Assert.Equal((BroadcastStatus.Running, Now + TimeSpan.FromSeconds(20)), (receipt.Status, receipt.ExpiresAt));

        var late = await _scenario.JoinAsync("g2", "d2", "d3");
        Assert.Equal(BroadcastStatus.Running, (await _scenario.UntilAsync(receipt.MessageId, static receipt => receipt.Tally.Late == 2)).Status);
        var ended = await _scenario.UntilEndedAsync(receipt.MessageId);
        Assert.Equal((BroadcastStatus.Completed, new BroadcastTally(1, 1, 0, 0, Late: 2)), (ended.Status, ended.Tally));
        Assert.True(ended.CompletedAt >= receipt.ExpiresAt);
        Assert.True(Assert.Single(Assert.Single(late.Gateway.Batches).Messages).IsLate);
        Assert.False(Assert.Single(Assert.Single(early.Gateway.Batches).Messages).IsLate);
    }

    [Fact]
    public async Task TimeToLive_AtQos1_GivesLateDevicesTheTimeToAcknowledge()
    {
        var receipt = await _scenario.PublishAsync(timeToLive: TimeSpan.FromSeconds(20));
        var late = await _scenario.JoinAsync("g1", "d1");
        await _scenario.UntilAsync(receipt.MessageId, static receipt => receipt.Tally.Late == 1);
        var asked = late.Steps.Length;
        await _scenario.UntilAsync(() => Now > receipt.ExpiresAt && late.Steps.Length > asked + 100);
        Assert.Equal(BroadcastStatus.Running, (await _scenario.ReceiptAsync(receipt.MessageId)).Status);
        late.Acknowledge("d1");
        var ended = await _scenario.UntilEndedAsync(receipt.MessageId);
        Assert.Equal(new BroadcastTally(0, 0, 0, 0, Acknowledged: 1, Late: 1), ended.Tally);
    }

    [Fact]
    public async Task Gateway_ThatComesWithoutATimeToLive_GetsNothing()
    {
        var early = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        var late = await _scenario.JoinAsync("g2", "d2");
        await _scenario.UntilAsync(() => late.Steps.Length > 0);
        early.Acknowledge("d1");
        var ended = await _scenario.UntilEndedAsync(messageId);
        Assert.Equal(new BroadcastTally(1, 1, 0, 0, Acknowledged: 1), ended.Tally);
        Assert.Equal("g1", Assert.Single(ended.Gateways).Gateway.Value);
        Assert.Empty(late.Gateway.Batches);

        // It has said that it does not have it.
        Assert.Single(late.Steps);
    }

    [Fact]
    public async Task Gateway_ThatLeaves_KeepsItsCountsAndIsUnknown()
    {
        var (a, b) = (await _scenario.JoinAsync("g1", "d1", "d2"), await _scenario.JoinAsync("g2", "d3"));
        var messageId = (await _scenario.PublishAsync()).MessageId;
        a.Acknowledge("d1");
        b.Acknowledge("d3");
        await _scenario.UntilAsync(messageId, static receipt => receipt.Tally.Acknowledged == 2);
        await _scenario.LeaveAsync("g1");
        var ended = await _scenario.UntilEndedAsync(messageId);
        Assert.Equal(
            [("g1", new BroadcastTally(2, 2, 0, 1, Acknowledged: 1)), ("g2", new BroadcastTally(1, 1, 0, 0, Acknowledged: 1))],
            ended.Gateways.Select(static gateway => (gateway.Gateway.Value, gateway.Tally)));

        // Nobody of the lost gateway is waited for.
        Assert.True(ended.CompletedAt - ended.CreatedAt < _scenario.Host.BroadcastOptions.AcknowledgementTime);
    }

    [Fact]
    public async Task Gateway_ThatHasForgotten_IsUnknown()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        await _scenario.UntilAsync(() => shard.Steps.Length > 0);
        shard.LoseAll();
        Assert.Equal(new BroadcastTally(1, 1, 0, 1), (await _scenario.UntilEndedAsync(messageId)).Tally);
    }

    [Fact]
    public async Task Cancel_OfABroadcastThatRuns_EndsItEverywhere()
    {
        var shard = await _scenario.JoinAsync("g1", [.. Enumerable.Range(0, 100).Select(static i => $"d{i}")]);
        var messageId = (await _scenario.PublishAsync(qos: 0, maxRate: 10, timeToLive: TimeSpan.FromHours(1))).MessageId;
        await _scenario.UntilAsync(() => shard.Written > 0);
        var cancelling = _scenario.Root.CancelAsync(messageId);
        await _scenario.UntilAsync(() => cancelling.IsCompleted);
        var receipt = (await cancelling).Value!;
        Assert.Equal(BroadcastStatus.Cancelled, receipt.Status);
        Assert.InRange(receipt.CompletedAt!.Value, receipt.CreatedAt, Now);
        Assert.Equal((shard.Steps.Sum(static step => step.Quota), 100), (receipt.Tally.Written, receipt.Tally.Written + receipt.Tally.Waiting));
        Assert.InRange(receipt.Tally.Waiting, 1, 99);
        Assert.Equal(receipt, await Store.FindAsync("p", messageId));
        await _scenario.UntilAsync(() => shard.Known == 0);

        var steps = shard.Steps;
        Assert.True(steps[^1] is { IsOver: true, IsForgotten: true } && steps[^2] is { IsOver: true, IsForgotten: false });
        Assert.All(steps, static step => Assert.True(!step.IsOver || step.Quota == 0));
    }

    [Fact]
    public async Task Cancel_WhileItIsBeingWritten_EndsItAfterThat()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var (write, gate) = (shard.Gateway.OnBroadcast, new TaskCompletionSource());
        shard.Gateway.OnBroadcast = async batch =>
        {
            await gate.Task;
            return await write(batch);
        };
        var publishing = _scenario.TryPublishAsync(timeToLive: TimeSpan.FromHours(1));
        await Patience.UntilAsync(() => !shard.Gateway.Batches.IsEmpty);
        var messageId = shard.Gateway.Batches.First().Messages[0].MessageId;
        var cancelling = _scenario.Root.CancelAsync(messageId);
        gate.SetResult();
        Assert.Equal(1, (await publishing).Value!.Tally.Written);
        await _scenario.UntilAsync(() => cancelling.IsCompleted);
        Assert.Equal(BroadcastStatus.Cancelled, (await cancelling).Value!.Status);
        Assert.Equal(["d1"], await _scenario.UnacknowledgedAsync(messageId));
    }

    [Fact]
    public async Task Cancel_IsAnsweredWhenItIsStored()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync(timeToLive: TimeSpan.FromHours(1))).MessageId;
        Store.OnSave = static () => throw new IOException("The disk is full.");
        var cancelling = _scenario.Root.CancelAsync(messageId);
        await _scenario.UntilAsync(messageId, static receipt => receipt.CompletedAt is not null);
        Assert.False(cancelling.IsCompleted);
        Assert.Equal(BroadcastStatus.Running, (await Store.FindAsync("p", messageId))!.Status);

        Store.OnSave = static () => Task.CompletedTask;
        await _scenario.UntilAsync(() => cancelling.IsCompleted);
        Assert.Equal(BroadcastStatus.Cancelled, (await cancelling).Value!.Status);
        Assert.Equal(BroadcastStatus.Cancelled, (await Store.FindAsync("p", messageId))!.Status);
    }

    [Fact]
    public async Task Cancel_BeforeAllShardsKnow_IsNotStoredAsCancelled()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync(timeToLive: TimeSpan.FromHours(1))).MessageId;
        await _scenario.UntilAsync(() => shard.Steps.Length > 0);
        shard.Acknowledge("d1");
        await _scenario.UntilAsync(messageId, static receipt => receipt.Tally.Acknowledged == 1);
        shard.IsSilent = true;
        var cancelling = _scenario.Root.CancelAsync(messageId);
        var stored = await Store.FindAsync("p", messageId);
        while (stored!.Tally.Acknowledged == 0)
        {
            await _scenario.RoundAsync();
            stored = await Store.FindAsync("p", messageId);
        }

        // Whoever goes on with it tells the shard, which would have it for another hour.
        Assert.Equal((BroadcastStatus.Running, BroadcastStatus.Cancelled), (stored.Status, (await _scenario.ReceiptAsync(messageId)).Status));
        shard.IsSilent = false;
        await _scenario.UntilAsync(() => cancelling.IsCompleted);
    }

    [Fact]
    public async Task Cancel_OfWhatHasEndedOrNeverWas_IsRefused()
    {
        _scenario.Host.BroadcastOptions.AcknowledgementTime = ShortTime;
        await _scenario.JoinAsync("g1", "d1");
        var lasting = (await _scenario.PublishAsync()).MessageId;
        await _scenario.UntilEndedAsync(lasting);
        var plain = (await _scenario.PublishAsync(qos: 0)).MessageId;
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Root.CancelAsync(lasting)).Refusal!.Code);
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Root.CancelAsync(plain)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Root.CancelAsync(plain + 1)).Refusal!.Code);
        Assert.Equal(BroadcastStatus.Completed, (await _scenario.ReceiptAsync(lasting)).Status);
    }

    [Fact]
    public async Task Cancel_OfAnEndThatIsNotStoredYet_IsRefused()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        Store.OnSave = static () => throw new IOException("The disk is full.");
        shard.Acknowledge("d1");
        await _scenario.UntilAsync(messageId, static receipt => receipt.CompletedAt is not null);
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Root.CancelAsync(messageId)).Refusal!.Code);
        Store.OnSave = static () => Task.CompletedTask;
        Assert.Equal(BroadcastStatus.Completed, (await _scenario.UntilEndedAsync(messageId)).Status);
    }

    [Fact]
    public async Task List_IsNewestFirst_WithThoseThatRun()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        List<long> ids = [];
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await _scenario.PublishAsync(qos: i % 2)).MessageId);
        }

        await _scenario.UntilAsync(() => shard.Steps.Length > 0);
        shard.Acknowledge("d1");
        await _scenario.UntilAsync(ids[1], static receipt => receipt.Tally.Acknowledged == 1);

        var first = await _scenario.Root.ListAsync(null, 2);
        var second = await _scenario.Root.ListAsync(first.NextBefore, 2);
        var last = await _scenario.Root.ListAsync(second.NextBefore, 2);
        Assert.Equal([ids[4], ids[3]], first.Receipts.Select(static receipt => receipt.MessageId));
        Assert.Equal([ids[2], ids[1]], second.Receipts.Select(static receipt => receipt.MessageId));
        Assert.Equal([ids[0]], last.Receipts.Select(static receipt => receipt.MessageId));
        Assert.Null(last.NextBefore);

        // The store knows nothing of that yet.
        Assert.Equal(1, second.Receipts[1].Tally.Acknowledged);
        Assert.Null((await _scenario.Root.ListAsync(null, 5)).NextBefore);
    }

    [Fact]
    public async Task Unacknowledged_AreThoseInTheStoreAndThoseThatAreAwaited()
    {
        var (a, b) = (await _scenario.JoinAsync("g1", "d1", "d4"), await _scenario.JoinAsync("g2", "d2", "d3", "d5"));
        var messageId = (await _scenario.PublishAsync()).MessageId;
        a.Disconnect("d1");
        b.Disconnect("d3");
        b.Acknowledge("d5");
        await _scenario.UntilAsync(() => Store.Notes.Count == 2);
        Assert.Equal(["d1", "d2", "d3", "d4"], await _scenario.UnacknowledgedAsync(messageId));

        var first = (await _scenario.Root.ListUnacknowledgedAsync(messageId, null, 3)).Value!;
        var last = (await _scenario.Root.ListUnacknowledgedAsync(messageId, "d3", 3)).Value!;
        Assert.Equal(("d1 d2 d3", true), (string.Join(' ', first.Names), first.HasMore));
        Assert.Equal(("d4", false), (string.Join(' ', last.Names), last.HasMore));
        Assert.False((await _scenario.Root.ListUnacknowledgedAsync(messageId, null, 4)).Value!.HasMore);
    }

    [Fact]
    public async Task Unacknowledged_OfQos0OrOfNone_AreRefused()
    {
        var messageId = (await _scenario.PublishAsync(qos: 0)).MessageId;
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Root.ListUnacknowledgedAsync(messageId, null, 10)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Root.ListUnacknowledgedAsync(messageId + 1, null, 10)).Refusal!.Code);
    }

    [Fact]
    public async Task Lasting_WhenTheSiloIsLost_IsGoneOnWith()
    {
        var (a, b) = (await _scenario.JoinAsync("g1", "d1"), await _scenario.JoinAsync("g2", "d2"));
        var messageId = (await _scenario.PublishAsync()).MessageId;
        Assert.Equal("p", Assert.Single(await Store.FindRunningProductsAsync()));

        await using var next = new LastingScenario(new GrainHost(_scenario.Host));
        await next.JoinAsync("g1", a);
        await next.JoinAsync("g2", b);
        await next.Root.FollowAsync();
        a.Acknowledge("d1");
        await next.UntilAsync(messageId, static receipt => receipt.Tally.Acknowledged == 1);
        b.Acknowledge("d2");
        var ended = await next.UntilEndedAsync(messageId);
        Assert.Equal((BroadcastStatus.Completed, new BroadcastTally(2, 2, 0, 0, Acknowledged: 2)), (ended.Status, ended.Tally));
        Assert.Empty(await Store.FindRunningProductsAsync());
    }

    // A directory that has begun anew, and has not heard of it yet, lists it a moment later.
    [Fact]
    public async Task Lasting_WhenAGatewayIsGoneForAMoment_IsGoneOnWithThere()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        await _scenario.LeaveAsync("g1");
        await _scenario.UntilAsync(messageId, static receipt => receipt.Tally.Unknown == 1);
        await _scenario.RoundAsync();
        await _scenario.JoinAsync("g1", shard);
        shard.Acknowledge("d1");
        var ended = await _scenario.UntilEndedAsync(messageId);
        Assert.Equal((BroadcastStatus.Completed, new BroadcastTally(1, 1, 0, 0, Acknowledged: 1)), (ended.Status, ended.Tally));
    }

    [Fact]
    public async Task Lasting_WhenTheSiloIsLostWithAGateway_HasItsCountsAsTheyWereStored()
    {
        var (a, b) = (await _scenario.JoinAsync("g1", "d1"), await _scenario.JoinAsync("g2", "d2"));
        var receipt = await _scenario.PublishAsync(timeToLive: TimeSpan.FromHours(1));
        b.Acknowledge("d2");
        while ((await Store.FindAsync("p", receipt.MessageId))!.Tally.Acknowledged == 0)
        {
            await _scenario.RoundAsync();
        }

        await using var next = new LastingScenario(new GrainHost(_scenario.Host));
        await next.LeaveAsync("g2");
        await next.JoinAsync("g1", a);
        await next.Root.FollowAsync();
        a.Acknowledge("d1");
        receipt = await next.UntilAsync(receipt.MessageId, static receipt => receipt.Tally.Acknowledged == 2);
        Assert.Equal(
            [("g1", new BroadcastTally(1, 1, 0, 0, Acknowledged: 1)), ("g2", new BroadcastTally(1, 1, 0, 1, Acknowledged: 1))],
            receipt.Gateways.Select(static gateway => (gateway.Gateway.Value, gateway.Tally)));
        Assert.Equal(BroadcastStatus.Running, receipt.Status);
    }

    [Fact]
    public async Task Lasting_WhenItCanNotBeStored_IsRefusedAndNotSent()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        Store.OnSave = static () => throw new IOException("The disk is full.");
        await Assert.ThrowsAsync<IOException>(() => _scenario.TryPublishAsync());
        Store.OnSave = static () => Task.CompletedTask;
        Assert.Equal(1, (await _scenario.PublishAsync()).Tally.Written);
        Assert.Single(Assert.Single(shard.Gateway.Batches).Messages);
    }

    [Fact]
    public async Task Lasting_ThatFailed_IsNotGoneOnWithLater()
    {
        _scenario.Host.Leases.OnLoad = static () => throw new SiloUnavailableException("It was there.");
        var publishing = _scenario.TryPublishAsync(timeToLive: TimeSpan.FromHours(1));
        await Patience.UntilAsync(() => _scenario.Host.Time.TimersDueIn(TimeSpan.FromMilliseconds(250)) > 0);
        var accepted = Assert.Single(await Store.FindRunningAsync("p"));
        Store.OnSave = static () => throw new IOException("The disk is full.");
        await _scenario.Host.Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(250), () => publishing.IsCompleted);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => publishing);

        _scenario.Host.Leases.OnLoad = static () => Task.CompletedTask;
        var shard = await _scenario.JoinAsync("g1", "d1");
        Assert.Equal(BroadcastStatus.Running, (await Store.FindAsync("p", accepted.Message.MessageId))!.Status);
        Store.OnSave = static () => Task.CompletedTask;
        while ((await Store.FindAsync("p", accepted.Message.MessageId))!.Status == BroadcastStatus.Running)
        {
            await _scenario.RoundAsync();
        }

        Assert.Equal(BroadcastStatus.Cancelled, (await _scenario.ReceiptAsync(accepted.Message.MessageId)).Status);
        Assert.Empty(shard.Gateway.Batches);
    }

    [Fact]
    public async Task Publish_BeyondTheCallsOfAMinute_IsRefusedUntilThen()
    {
        _scenario.Host.BroadcastOptions.CallsPerMinute = 30;
        for (var i = 0; i < 3; i++)
        {
            await _scenario.PublishAsync(qos: 0);
        }

        var refusal = (await _scenario.TryPublishAsync(qos: 0)).Refusal!;
        Assert.Equal((RefusalCode.ResourceExhausted, TimeSpan.FromSeconds(2)), (refusal.Code, refusal.RetryAfter));
        _scenario.Host.Time.Advance(TimeSpan.FromSeconds(2));
        await _scenario.PublishAsync(qos: 0);
        Assert.NotNull((await _scenario.TryPublishAsync(qos: 0)).Refusal);
    }

    [Fact]
    public async Task Publish_WhenTooManyStillGoOn_IsRefusedButForThoseThatDoNotLast()
    {
        _scenario.Host.BroadcastOptions.LastingPerProductMax = 2;
        var shard = await _scenario.JoinAsync("g1", "d1");
        var first = (await _scenario.PublishAsync(timeToLive: TimeSpan.FromHours(1))).MessageId;
        await _scenario.PublishAsync(timeToLive: TimeSpan.FromHours(1));
        foreach (var (qos, maxRate, timeToLive) in new[] { (1, 0, TimeSpan.Zero), (0, 1, TimeSpan.Zero), (0, 0, TimeSpan.FromSeconds(1)) })
        {
            var refusal = (await _scenario.TryPublishAsync(qos, maxRate, timeToLive)).Refusal!;
            Assert.Equal((RefusalCode.ResourceExhausted, null), (refusal.Code, refusal.RetryAfter));
        }

        Assert.Equal(2, shard.Gateway.Batches.Count);
        Assert.Equal(1, (await _scenario.PublishAsync(qos: 0)).Tally.Written);
        var cancelling = _scenario.Root.CancelAsync(first);
        await _scenario.UntilAsync(() => cancelling.IsCompleted);
        await _scenario.PublishAsync();
    }

    [Fact]
    public async Task Lasting_ThatGoOn_AreNotAmongThoseThatAreUnderWay()
    {
        _scenario.Host.BroadcastOptions.RunningPerProductMax = 1;
        var shard = await _scenario.JoinAsync("g1", "d1");
        await _scenario.PublishAsync();
        await _scenario.PublishAsync();

        var gate = new TaskCompletionSource<BroadcastTallies>();
        shard.Gateway.OnBroadcast = _ => gate.Task;
        var publishing = _scenario.TryPublishAsync();
        await Patience.UntilAsync(() => shard.Gateway.Batches.Count == 3);
        Assert.Equal(RefusalCode.ResourceExhausted, (await _scenario.TryPublishAsync(qos: 0)).Refusal!.Code);
        gate.SetResult(new BroadcastTallies([new BroadcastTally(1, 1, 0, 0)]));
        Assert.NotNull((await publishing).Value);
    }
}
