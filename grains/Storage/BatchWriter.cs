using Microsoft.Extensions.Logging;

namespace IotPlatform.Storage;

/// <summary>
/// The one writer of a process. Whatever has been handed in while a commit was under way goes into the next one together, so that durability
/// costs a commit a batch and not a message. While the store is away a write waits, and is tried again, for <see cref="StoreWait.Max"/> in all.
/// Full action: the caller waits, in the same time.
/// </summary>
/// <typeparam name="TWrite">The dialect's writes.</typeparam>
public sealed partial class BatchWriter<TWrite> : IAsyncDisposable
    where TWrite : StoreWrite
{
    /// <summary>Writes that may wait; the next caller is held until there is room.</summary>
    public const int QueueLengthMax = 65_536;

    /// <summary>Bytes that may wait: a second of what a disk takes.</summary>
    public const long QueueBytesMax = 64 * 1024 * 1024;

    /// <summary>
    /// Writes in one transaction: enough to hide the commit's cost, few enough to keep its time well below a second. Where so many wait, a large one costs less for each than a
    /// small one: more of them change the same pages.
    /// </summary>
    public const int BatchLengthMax = 4_000;

    /// <summary>Bytes in one transaction, for the same reason.</summary>
    public const long BatchBytesMax = 8 * 1024 * 1024;

    /// <summary>Writes that wait, above which nothing should be handed in that can wait longer.</summary>
    public const int BehindAbove = 1_000;

    private readonly IBatchCommitter<TWrite> _committer;
    private readonly StoreInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OutageLog _outages;
    private readonly WriteQueue<TWrite> _queue = new(QueueLengthMax, QueueBytesMax);
    private readonly Task _running;

    /// <summary>Starts writing through <paramref name="committer"/>, which it owns from here on.</summary>
    public BatchWriter(IBatchCommitter<TWrite> committer, StoreInstruments instruments, TimeProvider time, ILogger logger)
    {
        _committer = committer;
        _instruments = instruments;
        _time = time;
        _logger = logger;
        _outages = new OutageLog(logger);
        instruments.Watch(_queue);

        // It outlives whatever call first asked for the store, and carries nothing of it.
        using (ExecutionContext.SuppressFlow())
        {
            _running = Task.Run(RunAsync);
        }
    }

    /// <summary>The last batch could not be written.</summary>
    public bool IsAway => _outages.IsAway;

    /// <summary>So much waits that it takes a while.</summary>
    public bool IsBehind => _queue.Length > BehindAbove;

    /// <summary>Hands in a write. It is completed when it is durable, and failed when it is not, or when nobody can say in time.</summary>
    public void HandIn(TWrite write)
    {
        write.HandedInAt = _time.GetTimestamp();
        if (!_queue.TryAdd(write))
        {
            write.Fail(new StoreUnavailableException("The store is closed."));
        }
    }

    /// <summary>Writes what has been handed in, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Complete();
        await _running;
        await _committer.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var batch = new TWrite[BatchLengthMax];
        while (await _queue.WaitAsync())
        {
            var length = _queue.Take(batch, BatchBytesMax);
            await CommitAsync(batch.AsMemory(0, length));
            batch.AsSpan(0, length).Clear();
        }
    }

    private async Task CommitAsync(ReadOnlyMemory<TWrite> batch)
    {
        for (var failures = 0; ; failures++)
        {
            if (failures > 0)
            {
                await Task.Delay(StoreWait.DelayAfter(failures), _time);
            }

            batch = FailOverdue(batch);
            if (batch.IsEmpty)
            {
                return;
            }

            try
            {
                await _committer.CommitAsync(batch, StoreWait.AttemptEndsAfter - AgeOf(batch.Span[0]));
                Committed(batch);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                _outages.Away(exception);
                batch = FailOverdue(batch);
            }
            catch (Exception exception)
            {
                await CommitApartAsync(batch, exception);
                return;
            }
        }
    }

    // Writes are handed in in the order of their times: those that are overdue are at the front.
    private ReadOnlyMemory<TWrite> FailOverdue(ReadOnlyMemory<TWrite> batch)
    {
        var count = 0;
        foreach (var write in batch.Span)
        {
            if (AgeOf(write) < StoreWait.LastAttemptAfter)
            {
                break;
            }

            // A new one for each, without the cause: it crosses grain calls, and what the database's client throws must not.
            write.Fail(new StoreUnavailableException("The store did not answer in time."));
            count++;
        }

        _instruments.Failed(count);
        return batch[count..];
    }

    // A write of the batch is at fault: halves, and halves of halves, until it is alone and the others are written.
    private async Task CommitApartAsync(ReadOnlyMemory<TWrite> batch, Exception exception)
    {
        if (batch.Length == 1)
        {
            batch.Span[0].Fail(exception);
            return;
        }

        LogBatchFailed(_logger, exception, batch.Length);
        await CommitAsync(batch[..(batch.Length / 2)]);
        await CommitAsync(batch[(batch.Length / 2)..]);
    }

    private void Committed(ReadOnlyMemory<TWrite> batch)
    {
        _outages.Back();
        _instruments.Committed(batch.Length);
        foreach (var write in batch.Span)
        {
            write.Complete();
        }
    }

    private TimeSpan AgeOf(TWrite write) => _time.GetElapsedTime(write.HandedInAt);

    [LoggerMessage(2001, LogLevel.Warning, "A batch of {Count} writes failed and is tried in halves")]
    private static partial void LogBatchFailed(ILogger logger, Exception exception, int count);
}
