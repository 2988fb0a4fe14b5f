using IotPlatform.Diagnostics;
using IotPlatform.Topics;

namespace IotPlatform.Routing;

/// <summary>
/// The way of changes from this gateway to one shard of the retained messages, in their order. Full action: the change fails.
/// </summary>
internal sealed partial class RetainedLane(IRetainedGrain shard, GatewayInstruments instruments, ILogger logger)
{
    private readonly CallLane<Waiting> _changes = new(
        static waiting => waiting.Bytes, batch => SendAsync(shard, batch, instruments, logger), instruments.RetainedQueue);

    /// <summary>What the shard's grain is asked through.</summary>
    public IRetainedGrain Shard => shard;

    /// <summary>Makes a change behind those before it.</summary>
    /// <returns>What became of it; never fails.</returns>
    public Task<RetainedOutcome> ApplyAsync(RetainedChange change)
    {
        var waiting = new Waiting(change);
        if (_changes.TryAdd(waiting))
        {
            return waiting.Outcome.Task;
        }

        instruments.Retained("QueueFull");
        return Task.FromResult(RetainedOutcome.Failed);
    }

    private static async Task SendAsync(IRetainedGrain shard, List<Waiting> batch, GatewayInstruments instruments, ILogger logger)
    {
        var changes = new RetainedBatch([.. batch.Select(static waiting => waiting.Change)]);
        var outcomes = await SendAsync(shard, changes, logger).ConfigureAwait(false);
        for (var i = 0; i < batch.Count; i++)
        {
            var outcome = outcomes?.Outcomes[i] ?? RetainedOutcome.Failed;
            instruments.Retained(outcome.ToString());
            batch[i].Outcome.SetResult(outcome);
        }
    }

    // Once more after a failure that is known to be one: the grain may just be moving to another silo.
    private static async Task<RetainedOutcomes?> SendAsync(IRetainedGrain shard, RetainedBatch batch, ILogger logger) =>
        await TrySendAsync(shard, batch, isLast: false, logger).ConfigureAwait(false)
        ?? await TrySendAsync(shard, batch, isLast: true, logger).ConfigureAwait(false);

    private static async Task<RetainedOutcomes?> TrySendAsync(IRetainedGrain shard, RetainedBatch batch, bool isLast, ILogger logger)
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
