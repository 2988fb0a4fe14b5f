using IotPlatform.Diagnostics;
using IotPlatform.Topics;

namespace IotPlatform.Routing;

/// <summary>
/// The way of changes from this gateway to one shard of the retained messages: at most one call is under way, what comes meanwhile travels together in the next
/// one, in its order. Full action: the change fails.
/// </summary>
internal sealed partial class RetainedLane(IRetainedGrain shard, GatewayInstruments instruments, ILogger logger)
{
    /// <summary>Bytes that may wait: enough for the wills of all clients, when all of them are lost at once.</summary>
    private const long WaitingBytesMax = 32 * 1024 * 1024;

    private const int BatchLengthMax = 1_000;
    private const int BatchBytesMax = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private long _waitingBytes;
    private bool _isBusy;

    /// <summary>What the shard's grain is asked through.</summary>
    public IRetainedGrain Shard => shard;

    /// <summary>Makes a change behind those before it.</summary>
    /// <returns>What became of it; never fails.</returns>
    public Task<RetainedOutcome> ApplyAsync(RetainedChange change)
    {
        var waiting = new Waiting(change);
        lock (_gate)
        {
            if (_waitingBytes + waiting.Bytes > WaitingBytesMax)
            {
                instruments.Retained("QueueFull");
                return Task.FromResult(RetainedOutcome.Failed);
            }

            _waiting.Enqueue(waiting);
            _waitingBytes += waiting.Bytes;
            instruments.RetainedQueue(waiting.Bytes);
            if (_isBusy)
            {
                return waiting.Outcome.Task;
            }

            _isBusy = true;
        }

        _ = RunAsync();
        return waiting.Outcome.Task;
    }

    private async Task RunAsync()
    {
        // Not on the thread of whoever published first: it would send what others publish meanwhile.
        await Task.Yield();
        var batch = new List<Waiting>();
        while (Take(batch))
        {
            var outcomes = await SendAsync(new RetainedBatch([.. batch.Select(static waiting => waiting.Change)])).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++)
            {
                var outcome = outcomes?.Outcomes[i] ?? RetainedOutcome.Failed;
                instruments.Retained(outcome.ToString());
                batch[i].Outcome.SetResult(outcome);
            }
        }
    }

    private bool Take(List<Waiting> batch)
    {
        batch.Clear();
        var bytes = 0L;
        lock (_gate)
        {
            while (batch.Count < BatchLengthMax && bytes < BatchBytesMax && _waiting.TryDequeue(out var next))
            {
                bytes += next.Bytes;
                batch.Add(next);
            }

            _waitingBytes -= bytes;
            instruments.RetainedQueue(-bytes);
            return _isBusy = batch.Count > 0;
        }
    }

    // Once more after a failure that is known to be one: the grain may just be moving to another silo.
    private async Task<RetainedOutcomes?> SendAsync(RetainedBatch batch) =>
        await TrySendAsync(batch, isLast: false).ConfigureAwait(false) ?? await TrySendAsync(batch, isLast: true).ConfigureAwait(false);

    private async Task<RetainedOutcomes?> TrySendAsync(RetainedBatch batch, bool isLast)
    {
        try
        {
            return await shard.ApplyAsync(batch).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            // It may still be made, and must not be made again behind what comes next.
            LogFailed(logger, exception, batch.Changes.Length);
            return new RetainedOutcomes([.. Enumerable.Repeat(RetainedOutcome.Failed, batch.Changes.Length)]);
        }
        catch (Exception exception)
        {
            if (isLast)
            {
                LogFailed(logger, exception, batch.Changes.Length);
            }

            return null;
        }
    }

    [LoggerMessage(4305, LogLevel.Warning, "{Count} changes of retained messages could not be made; those who published them are told, where MQTT can say so")]
    private static partial void LogFailed(ILogger logger, Exception exception, int count);

    private sealed record Waiting(RetainedChange Change)
    {
        public long Bytes { get; } = 256 + Change.Topic.Length + (Change.Message?.Payload.Length ?? 0) + (Change.Message?.Properties.Length ?? 0);

        public TaskCompletionSource<RetainedOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
