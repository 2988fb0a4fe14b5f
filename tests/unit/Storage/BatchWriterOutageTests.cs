using IotPlatform.Storage;
using IotPlatform.Testkit;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>What becomes of writes whose store does not take them, and how many may wait.</summary>
public sealed class BatchWriterOutageTests : IAsyncDisposable
{
    private const int Mebibyte = 1024 * 1024;

    private readonly FakeTimeProvider _time = new();
    private readonly StoreInstruments _instruments = new();
    private readonly StoreMeter _meter;
    private readonly ScriptedCommitter _committer = new();
    private readonly BatchWriter<ScriptedWrite> _writer;

    public BatchWriterOutageTests()
    {
        _meter = new StoreMeter(_instruments);
        _writer = new BatchWriter<ScriptedWrite>(_committer, _instruments, _time, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _meter.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public async Task Write_WhileTheStoreIsAway_IsMadeOnceItIsBack()
    {
        _committer.OnCommit = static _ => throw new StoreUnavailableException();
        var write = HandIn(new ScriptedWrite());
        for (var i = 0; i < 5; i++)
        {
            await AdvanceAsync(TimeSpan.FromMilliseconds(400));
        }

        await WaitsToTryAgainAsync();
        Assert.False(write.Done.IsCompleted);
        _committer.OnCommit = static _ => Task.CompletedTask;
        await AdvanceAsync(TimeSpan.FromMilliseconds(400));
        await write.Done.InTimeAsync();
        Assert.InRange(_committer.Batches.Length, 7, 50);
        Assert.Equal(0, _meter["iot.store.failed"]);
    }

    [Fact]
    public async Task Write_WhileTheStoreIsAway_FailsWhenItsOwnTimeIsUp()
    {
        _committer.OnCommit = static _ => throw new StoreUnavailableException("away", new TimeoutException());
        var first = HandIn(new ScriptedWrite());
        await AdvanceAsync(TimeSpan.FromSeconds(2));
        var second = HandIn(new ScriptedWrite());
        await AdvanceAsync(TimeSpan.FromSeconds(2.5));
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => first.Done.InTimeAsync());

        // It crosses grain calls; what the database's client throws stays here.
        Assert.Null(failure.InnerException);
        await WaitsToTryAgainAsync();
        Assert.False(second.Done.IsCompleted);
        await AdvanceAsync(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second.Done.InTimeAsync());
        Assert.Equal(2, _meter["iot.store.failed"]);
    }

    [Fact]
    public async Task Write_ThatWaitedTooLongInTheQueue_FailsWithoutAnAttempt()
    {
        var gate = new TaskCompletionSource();
        _committer.OnCommit = _ => gate.Task;
        var held = HandIn(new ScriptedWrite());
        await Patience.UntilAsync(() => _committer.Batches.Length == 1);
        var waiting = HandIn(new ScriptedWrite());
        _time.Advance(TimeSpan.FromSeconds(4.5));
        var late = HandIn(new ScriptedWrite());
        gate.SetResult();
        await held.Done.InTimeAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting.Done.InTimeAsync());
        await late.Done.InTimeAsync();
        Assert.DoesNotContain(_committer.Batches, batch => batch.Contains(waiting));
    }

    [Fact]
    public async Task BadWrite_FailsAlone_AndCostsFewCommits()
    {
        ScriptedWrite[] writes = [.. Enumerable.Range(0, BatchWriter<ScriptedWrite>.BatchLengthMax).Select(static _ => new ScriptedWrite())];
        var bad = writes[345];
        _committer.OnCommit = batch => batch.Contains(bad) ? throw new InvalidOperationException("mine") : Task.CompletedTask;
        await HandInAtOnceAsync(writes);
        Assert.Equal("mine", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad.Done.InTimeAsync())).Message);
        await Task.WhenAll(writes.Where(write => write != bad).Select(static write => write.Done)).InTimeAsync();

        // The one that held the others up, all of them, and two halves twelve times.
        Assert.InRange(_committer.Batches.Length, 3, 26);
        var written = _committer.Batches.Where(batch => !batch.Contains(bad)).Skip(1).SelectMany(static batch => batch);
        Assert.Equal(writes.Where(write => write != bad), written);
    }

    [Fact]
    public async Task Queue_IsBoundedInBytes_AndItsCallersWait()
    {
        ScriptedWrite[] writes = [.. Enumerable.Range(0, 200).Select(static _ => new ScriptedWrite(Mebibyte))];
        await HandInAtOnceAsync(writes, whileHeld: () =>
        {
            Assert.Equal(64, _meter["iot.store.queue.writes"]);
            Assert.Equal(64 * Mebibyte, _meter["iot.store.queue.bytes"]);
            Assert.All(writes, static write => Assert.False(write.Done.IsCompleted));
        });
        await Task.WhenAll(writes.Select(static write => write.Done)).InTimeAsync();
        Assert.Equal(0, _meter["iot.store.queue.writes"]);
        Assert.Equal(0, _meter["iot.store.queue.bytes"]);
        Assert.All(_committer.Batches, static batch => Assert.InRange(batch.Length, 1, 8));
        Assert.Equal(writes, _committer.Batches.Skip(1).SelectMany(static batch => batch));
    }

    [Fact]
    public async Task Queue_IsBoundedInWrites_AndTheirOrderStays()
    {
        ScriptedWrite[] writes = [.. Enumerable.Range(0, BatchWriter<ScriptedWrite>.QueueLengthMax + 2_000).Select(static _ => new ScriptedWrite())];
        await HandInAtOnceAsync(writes, whileHeld: () => Assert.Equal(BatchWriter<ScriptedWrite>.QueueLengthMax, _meter["iot.store.queue.writes"]));
        await Task.WhenAll(writes.Select(static write => write.Done)).InTimeAsync();
        Assert.Equal(writes, _committer.Batches.Skip(1).SelectMany(static batch => batch));
    }

    [Fact]
    public async Task WriteLargerThanTheQueue_IsMadeAlone()
    {
        ScriptedWrite[] writes = [new(), new(100 * Mebibyte), new()];
        await HandInAtOnceAsync(writes);
        await Task.WhenAll(writes.Select(static write => write.Done)).InTimeAsync();
        Assert.Equal([1, 1, 1, 1], _committer.Batches.Select(static batch => batch.Length));
    }

    [Fact]
    public async Task Write_AfterTheEnd_FailsAsUnavailable()
    {
        await _writer.DisposeAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => HandIn(new ScriptedWrite()).Done);
    }

    private ScriptedWrite HandIn(ScriptedWrite write)
    {
        _writer.HandIn(write);
        return write;
    }

    /// <summary>Hands writes in while an earlier one, alone in the first batch, holds them up.</summary>
    private async Task HandInAtOnceAsync(ScriptedWrite[] writes, Action? whileHeld = null)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var onCommit = _committer.OnCommit;
        _committer.OnCommit = async batch =>
        {
            await gate.Task;
            await onCommit(batch);
        };
        var first = HandIn(new ScriptedWrite());
        await Patience.UntilAsync(() => _committer.Batches.Length == 1);
        foreach (var write in writes)
        {
            HandIn(write);
        }

        whileHeld?.Invoke();
        gate.SetResult();
        await first.Done.InTimeAsync();
    }

    private async Task AdvanceAsync(TimeSpan span)
    {
        await WaitsToTryAgainAsync();
        _time.Advance(span);
    }

    private Task WaitsToTryAgainAsync() => Patience.UntilAsync(() => _time.ArmedTimers == 1);
}
