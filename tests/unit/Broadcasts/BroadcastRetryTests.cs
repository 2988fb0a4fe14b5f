using IotPlatform.Broadcasts;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>QoS 1 broadcasts that are sent again to the devices that have not acknowledged them.</summary>
public sealed class BroadcastRetryTests : IAsyncDisposable
{
    private readonly LastingScenario _scenario = new();

    public BroadcastRetryTests() => _scenario.Host.BroadcastOptions.AcknowledgementTime = TimeSpan.FromSeconds(2);

    private MemoryBroadcastStore Store => _scenario.Host.Broadcasts;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Retry_OfACompletedBroadcast_OpensItAgainAndAddsToItsCounts()
    {
        var shard = await _scenario.JoinAsync("g1", "d1", "d2", "d3");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        shard.Acknowledge("d1");
        await _scenario.UntilEndedAsync(messageId);
        Assert.Equal(["d2", "d3"], await _scenario.UnacknowledgedAsync(messageId));

        var again = (await _scenario.Root.RetryAsync(messageId).InTimeAsync()).Value!;
        Assert.Equal((BroadcastStatus.Running, null), (again.Status, again.CompletedAt));
        Assert.Equal(BroadcastStatus.Running, (await Store.FindAsync("p", messageId))!.Status);
        shard.Acknowledge("d2");
        var ended = await _scenario.UntilEndedAsync(messageId);
        Assert.Equal((BroadcastStatus.Completed, new BroadcastTally(3, 3, 0, 0, Acknowledged: 2, Retried: 2)), (ended.Status, ended.Tally));
        Assert.Equal(["d3"], await _scenario.UnacknowledgedAsync(messageId));

        await _scenario.Root.RetryAsync(messageId).InTimeAsync();
        shard.Acknowledge("d3");
        ended = await _scenario.UntilEndedAsync(messageId);
        Assert.Equal(new BroadcastTally(3, 3, 0, 0, Acknowledged: 3, Retried: 3), ended.Tally);
        Assert.Empty(await _scenario.UnacknowledgedAsync(messageId));
        Assert.Equal(ended.Tally, Assert.Single(ended.Gateways).Tally);
    }

    // What ends a broadcast at its shards may be on its way for a while.
    [Fact]
    public async Task Retry_WhileAShardIsToForgetTheBroadcast_ComesAfterThat()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        var otherId = (await _scenario.PublishAsync()).MessageId;
        var isForgotten = new TaskCompletionSource();
        shard.Gateway.BeforeFollow = steps => Forgets(steps, messageId) ? isForgotten.Task : Task.CompletedTask;
        await _scenario.UntilEndedAsync(messageId);
        await _scenario.UntilEndedAsync(otherId);
        await _scenario.UntilAsync(() => shard.Gateway.Steps.Any(steps => Forgets(steps, messageId)));
        shard.Gateway.BeforeFollow = static _ => Task.CompletedTask;

        // When one that was asked for later has come there, the first had the time to.
        var retry = _scenario.Root.RetryAsync(messageId);
        Assert.Null((await _scenario.Root.RetryAsync(otherId).InTimeAsync()).Refusal);
        Assert.DoesNotContain(shard.Gateway.Retries, request => request.Message.MessageId == messageId);

        isForgotten.SetResult();
        Assert.Null((await retry.InTimeAsync()).Refusal);
        shard.Acknowledge("d1");
        Assert.Equal(new BroadcastTally(1, 1, 0, 0, Acknowledged: 1, Retried: 1), (await _scenario.UntilEndedAsync(messageId)).Tally);

        static bool Forgets(BroadcastSteps steps, long messageId) => steps.Steps.Any(step => step.IsForgotten && step.MessageId == messageId);
    }

    [Fact]
    public async Task Retry_OfABroadcastThatRuns_IsForThoseThatAreAwaitedToo()
    {
        _scenario.Host.BroadcastOptions.AcknowledgementTime = TimeSpan.FromHours(1);
        var shard = await _scenario.JoinAsync("g1", "d1", "d2", "d3");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        shard.Acknowledge("d1");
        shard.Reconnect("d2");
        await _scenario.UntilAsync(() => Store.Notes.Count == 1);
        await _scenario.Root.RetryAsync(messageId).InTimeAsync();
        Assert.Equal(2, (await _scenario.UntilAsync(messageId, static receipt => receipt.Tally.Retried > 0)).Tally.Retried);
        shard.Acknowledge("d2");
        shard.Acknowledge("d3");
        Assert.Equal(3, (await _scenario.UntilEndedAsync(messageId)).Tally.Acknowledged);
        Assert.Empty(await _scenario.UnacknowledgedAsync(messageId));
    }

    [Theory]
    [InlineData(2_300, new[] { -1, 1_000, 1_000, 300 })]
    [InlineData(1_000, new[] { -1, 1_000 })]
    [InlineData(0, new[] { -1 })]
    public async Task Retry_TellsEveryShardOfThoseThatItWaitsFor_ThenTheNamesInPages(int names, int[] pages)
    {
        LastingShard[] shards = [new("d1"), new("d2")];
        await _scenario.JoinAsync("g1", shards);
        var messageId = (await _scenario.PublishAsync()).MessageId;
        string[] noted = [.. Enumerable.Range(0, names).Select(static i => $"n{i:0000}")];
        await Store.NoteAsync(messageId, [.. noted.Select(static name => new DeviceNote(name, HasAcknowledged: false))]);
        await _scenario.Root.RetryAsync(messageId).InTimeAsync();
        foreach (var shard in shards)
        {
            Assert.Equal(pages, shard.Gateway.Retries.Select(static request => request.DeviceNames?.Length ?? -1));
            Assert.Equal(noted, shard.Gateway.Retries.SelectMany(static request => request.DeviceNames ?? []));
            Assert.All(shard.Gateway.Retries, request => Assert.Equal((messageId, 1), (request.Message.MessageId, request.Message.QoS)));
        }
    }

    [Fact]
    public async Task Retry_OfQos0OrOfNone_IsRefused()
    {
        var messageId = (await _scenario.PublishAsync(qos: 0)).MessageId;
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Root.RetryAsync(messageId)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Root.RetryAsync(messageId + 1)).Refusal!.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retry_OfMessagesThatHaveExpired_IsRefusedAndOpensNothing(bool isRunning)
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync(messageExpiry: TimeSpan.FromSeconds(1), timeToLive: isRunning ? TimeSpan.FromHours(1) : default)).MessageId;
        if (isRunning)
        {
            await _scenario.RoundAsync();
            _scenario.Host.Time.Advance(TimeSpan.FromSeconds(1));
        }
        else
        {
            await _scenario.UntilEndedAsync(messageId);
        }

        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Root.RetryAsync(messageId)).Refusal!.Code);
        Assert.Equal(isRunning ? BroadcastStatus.Running : BroadcastStatus.Completed, (await _scenario.ReceiptAsync(messageId)).Status);
        Assert.Empty(shard.Gateway.Retries);
    }

    [Fact]
    public async Task Retry_OfACancelledBroadcast_IsRefused()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync(timeToLive: TimeSpan.FromHours(1))).MessageId;
        var cancelling = _scenario.Root.CancelAsync(messageId);
        await _scenario.UntilAsync(() => cancelling.IsCompleted);
        await _scenario.UntilEndedAsync(messageId);

        // Whom it had not reached it does not reach: opened again, it would go out to whoever comes within its hour.
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Root.RetryAsync(messageId)).Refusal!.Code);
        Assert.Equal(BroadcastStatus.Cancelled, (await _scenario.ReceiptAsync(messageId)).Status);
        Assert.Empty(shard.Gateway.Retries);
    }

    [Fact]
    public async Task Retry_WhileItIsRetried_IsRefused()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        var (retry, gate) = (shard.Gateway.OnRetry, new TaskCompletionSource());
        shard.Gateway.OnRetry = async request =>
        {
            await gate.Task;
            await retry(request);
        };
        var retrying = _scenario.Root.RetryAsync(messageId);
        await Patience.UntilAsync(() => !shard.Gateway.Retries.IsEmpty);
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Root.RetryAsync(messageId)).Refusal!.Code);
        gate.SetResult();
        Assert.NotNull((await retrying.InTimeAsync()).Value);
        Assert.NotNull((await _scenario.Root.RetryAsync(messageId).InTimeAsync()).Value);
    }

    [Fact]
    public async Task Retry_WhileItsEndIsBeingStored_OpensItAfterThat()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        shard.Reconnect("d1");
        await _scenario.UntilAsync(() => Store.Notes.Count == 1);
        var gate = new TaskCompletionSource();
        Store.OnSave = () => gate.Task;
        await _scenario.UntilAsync(messageId, static receipt => receipt.CompletedAt is not null);
        var retrying = _scenario.Root.RetryAsync(messageId);
        Store.OnSave = static () => Task.CompletedTask;
        gate.SetResult();
        await _scenario.UntilAsync(() => retrying.IsCompleted);
        Assert.Equal(BroadcastStatus.Running, (await retrying).Value!.Status);
        shard.Acknowledge("d1");
        Assert.Equal(new BroadcastTally(1, 1, 0, 0, Acknowledged: 1, Retried: 1), (await _scenario.UntilEndedAsync(messageId)).Tally);
    }

    [Fact]
    public async Task Retry_WhenTooManyStillGoOn_IsRefused()
    {
        _scenario.Host.BroadcastOptions.LastingPerProductMax = 1;
        await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        await _scenario.UntilEndedAsync(messageId);
        await _scenario.PublishAsync(timeToLive: TimeSpan.FromHours(1));
        Assert.Equal(RefusalCode.ResourceExhausted, (await _scenario.Root.RetryAsync(messageId)).Refusal!.Code);
        Assert.Equal(BroadcastStatus.Completed, (await _scenario.ReceiptAsync(messageId)).Status);
    }

    [Fact]
    public async Task Retry_WhoseNamesAreSlowToRead_ReachesTheShardsAllTheSame()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        await _scenario.UntilEndedAsync(messageId);
        await _scenario.UntilAsync(() => shard.Known == 0);
        var gate = new TaskCompletionSource();
        Store.OnListUnacknowledged = () => gate.Task;
        var retrying = _scenario.Root.RetryAsync(messageId);
        await Patience.UntilAsync(() => !shard.Gateway.Retries.IsEmpty);
        for (var i = 0; i < 5; i++)
        {
            await _scenario.RoundAsync();
        }

        gate.SetResult();
        await retrying.InTimeAsync();
        shard.Acknowledge("d1");
        Assert.Equal(new BroadcastTally(1, 1, 0, 0, Acknowledged: 1, Retried: 1), (await _scenario.UntilEndedAsync(messageId)).Tally);
    }

    [Fact]
    public async Task Retry_OfADeviceThatHasMovedToANewGateway_ReachesItThere()
    {
        _scenario.Host.BroadcastOptions.AcknowledgementTime = TimeSpan.FromHours(1);
        var before = await _scenario.JoinAsync("g1", "d1", "d2");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        before.Disconnect("d1");
        var after = await _scenario.JoinAsync("g2", "d1");
        await _scenario.UntilAsync(() => after.Steps.Length > 0 && Store.Notes.Count == 1);
        await _scenario.RoundAsync();
        await _scenario.Root.RetryAsync(messageId).InTimeAsync();
        after.Acknowledge("d1");
        before.Acknowledge("d2");
        var ended = await _scenario.UntilEndedAsync(messageId);
        Assert.Equal(
            [("g1", new BroadcastTally(2, 2, 0, 0, Acknowledged: 1, Retried: 1)), ("g2", new BroadcastTally(0, 0, 0, 0, Acknowledged: 1, Retried: 1))],
            ended.Gateways.Select(static gateway => (gateway.Gateway.Value, gateway.Tally)));
        Assert.Empty(await _scenario.UnacknowledgedAsync(messageId));
    }

    [Fact]
    public async Task Retry_WhereAShardIsSilent_ReachesTheOthers()
    {
        var (a, b) = (await _scenario.JoinAsync("g1", "d1"), await _scenario.JoinAsync("g2", "d2"));
        var messageId = (await _scenario.PublishAsync()).MessageId;
        await _scenario.UntilEndedAsync(messageId);
        a.IsSilent = true;
        await _scenario.Root.RetryAsync(messageId).InTimeAsync();
        a.IsSilent = false;
        b.Acknowledge("d2");
        Assert.Equal(new BroadcastTally(2, 2, 0, 0, Acknowledged: 1, Retried: 1), (await _scenario.UntilEndedAsync(messageId)).Tally);
        Assert.Equal(["d1"], await _scenario.UnacknowledgedAsync(messageId));
    }

    [Fact]
    public async Task Retry_WhereAShardWasNotToldToForget_CountsNothingTwice()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        var follow = shard.Gateway.OnFollow;
        shard.Gateway.OnFollow = step => step.IsForgotten ? throw new TimeoutException() : follow(step);
        await _scenario.UntilEndedAsync(messageId);
        shard.Gateway.OnFollow = follow;
        Assert.Equal(1, shard.Known);
        await _scenario.Root.RetryAsync(messageId).InTimeAsync();
        shard.Acknowledge("d1");
        Assert.Equal(new BroadcastTally(1, 1, 0, 0, Acknowledged: 1, Retried: 1), (await _scenario.UntilEndedAsync(messageId)).Tally);
    }

    [Fact]
    public async Task Retry_WhoseNamesCanNotBeRead_IsOverAllTheSame()
    {
        await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        await _scenario.UntilEndedAsync(messageId);
        Store.OnListUnacknowledged = static () => throw new IOException("The disk is away.");
        Assert.NotNull((await _scenario.Root.RetryAsync(messageId).InTimeAsync()).Value);
        Assert.Equal(new BroadcastTally(1, 1, 0, 0), (await _scenario.UntilEndedAsync(messageId)).Tally);
        Store.OnListUnacknowledged = static () => Task.CompletedTask;
        Assert.Equal(["d1"], await _scenario.UnacknowledgedAsync(messageId));
    }

    [Fact]
    public async Task Retry_ThatIsCancelled_StopsAndLeavesNothingAtTheShards()
    {
        var shard = await _scenario.JoinAsync("g1", "d1");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        await Store.NoteAsync(messageId, [.. Enumerable.Range(0, 3_000).Select(static i => new DeviceNote($"n{i:0000}", HasAcknowledged: false))]);
        var (retry, gate) = (shard.Gateway.OnRetry, new TaskCompletionSource());
        shard.Gateway.OnRetry = async request =>
        {
            await gate.Task;
            await retry(request);
        };
        var retrying = _scenario.Root.RetryAsync(messageId);
        await Patience.UntilAsync(() => !shard.Gateway.Retries.IsEmpty);
        var cancelling = _scenario.Root.CancelAsync(messageId);
        for (var i = 0; i < 5; i++)
        {
            await _scenario.RoundAsync();
        }

        gate.SetResult();
        await _scenario.UntilAsync(() => cancelling.IsCompleted);
        await retrying.InTimeAsync();
        Assert.Equal(BroadcastStatus.Cancelled, (await _scenario.UntilEndedAsync(messageId)).Status);
        await _scenario.UntilAsync(() => shard.Known == 0);
        Assert.Single(shard.Gateway.Retries);
    }

    [Fact]
    public async Task Retry_WhenTheSiloIsLost_KeepsTheCountsOfBefore()
    {
        var shard = await _scenario.JoinAsync("g1", "d1", "d2");
        var messageId = (await _scenario.PublishAsync()).MessageId;
        shard.Acknowledge("d1");
        await _scenario.UntilEndedAsync(messageId);
        await _scenario.Root.RetryAsync(messageId).InTimeAsync();

        await using var next = new LastingScenario(new GrainHost(_scenario.Host));
        await next.JoinAsync("g1", shard);
        await next.Root.FollowAsync();
        shard.Acknowledge("d2");
        Assert.Equal(new BroadcastTally(2, 2, 0, 0, Acknowledged: 2, Retried: 1), (await next.UntilEndedAsync(messageId)).Tally);
        Assert.Empty(await next.UnacknowledgedAsync(messageId));
    }
}
