using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Broadcasts;

/// <content>Devices that have not acknowledged: those that are noted in the store, and those whose shard waits for them.</content>
internal sealed partial class BroadcastGrain
{
    private const int RetryPageSize = 1_000;

    public async Task<Reply<DeviceNamePage>> ListUnacknowledgedAsync(long messageId, string? after, int size)
    {
        if (await RefusalOfAcknowledgementsAsync(messageId) is { } refusal)
        {
            return refusal;
        }

        var pages = new List<ImmutableArray<string>> { await store.ListUnacknowledgedAsync(messageId, after, size + 1) };
        if (_running.TryGetValue(messageId, out var run))
        {
            var asked = run.Shards.Where(static shard => !shard.IsLost).Select(shard => shard.Shard.ListUnacknowledgedAsync(messageId, after, size + 1));
            pages.AddRange((await Task.WhenAll(asked.ToArray())).Select(static page => page.Names));
        }

        string[] names = [.. pages.SelectMany(static page => page).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(size + 1)];
        return new DeviceNamePage([.. names.Take(size)], names.Length > size);
    }

    public async Task<Reply<BroadcastReceipt>> RetryAsync(long messageId)
    {
        if (await RefusalOfAcknowledgementsAsync(messageId) is { } refusal)
        {
            return refusal;
        }

        if (_running.TryGetValue(messageId, out var run) && run.IsOver)
        {
            // It is ending at this moment: then it is opened again.
            await Task.WhenAny(run.Closed, Task.Delay(EndPatience, time));
            run = _running.GetValueOrDefault(messageId);
        }

        if (run is null && _forgetting.TryGetValue(messageId, out var forgetting))
        {
            // Shards would forget the copies that they are about to be given.
            await forgetting;
            run = _running.GetValueOrDefault(messageId);
        }

        if (run is null)
        {
            if (_running.Values.Count(static running => running.IsFollowed) >= options.Value.LastingPerProductMax)
            {
                return Refusal.ResourceExhausted($"{options.Value.LastingPerProductMax} broadcasts of {ProductKey} still go on.");
            }

            if (await store.FindLastingAsync(ProductKey, messageId) is not { } stored)
            {
                return NotFound(messageId);
            }

            if (RefusalOfRetry(stored.Message, stored.Receipt.Status) is { } refused)
            {
                return refused;
            }

            run = BroadcastRun.Reopened(stored);
            run.Saved = run.ToReceipt();
            await store.SaveAsync(stored with { Receipt = run.Saved, Before = stored.Receipt.Gateways });
            if (!_running.TryAdd(messageId, run))
            {
                run = _running[messageId];
            }
        }

        if (run.IsRetrying || run.IsOver || !run.IsFollowed)
        {
            return Refusal.FailedPrecondition($"Broadcast {messageId} of {ProductKey} is being written, or ended, or retried at this moment.");
        }

        if (RefusalOfRetry(run.Message, run.IsCancelled ? BroadcastStatus.Cancelled : run.Status) is { } refusedNow)
        {
            return refusedNow;
        }

        run.IsRetrying = true;
        FollowSoon();
        await Task.WhenAny(RetryAllAsync(run), Task.Delay(EndPatience, time));
        return run.ToReceipt();
    }

    private async Task RetryAllAsync(BroadcastRun run)
    {
        try
        {
            // Those that shards wait for first: whom the names are written to is one of them from then on, and must not get two copies.
            await TellAllAsync(run, names: null);
            var names = ImmutableArray<string>.Empty;
            var isLast = run.IsCancelled;
            while (!isLast)
            {
                names = await store.ListUnacknowledgedAsync(run.Message.MessageId, names.IsEmpty ? null : names[^1], RetryPageSize);
                if (!names.IsEmpty && !run.IsCancelled)
                {
                    await TellAllAsync(run, names);
                }

                isLast = names.Length < RetryPageSize || run.IsCancelled;
            }
        }
        catch (Exception exception)
        {
            LogRetryFailed(logger, exception, run.Message.MessageId, ProductKey);
        }
        finally
        {
            run.AwaitedUntil = time.GetUtcNow() + options.Value.AcknowledgementTime;
            run.IsRetrying = false;
        }
    }

    private async Task TellAllAsync(BroadcastRun run, ImmutableArray<string>? names)
    {
        _targets = _targets.For(await GatewaysAsync());
        MatchShards();
        var request = new RetryRequest(run.Message, names);
        await Task.WhenAll(run.Shards.Where(static shard => !shard.IsLost).Select(shard => TellAsync(shard, request)).ToArray());
    }

    // A device of a shard that can not be told stays among those that have not acknowledged.
    private async Task TellAsync(ShardRun shard, RetryRequest request)
    {
        try
        {
            if (shard.IsWithout)
            {
                // It may not have been reached when it was to forget it.
                await shard.Shard.FollowAsync(new BroadcastSteps([new BroadcastStep(request.Message.MessageId, 0, 0, IsOver: true, IsForgotten: true)]));
            }

            await shard.Shard.RetryAsync(request);
            shard.Give();
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            LogNotAsked(logger, exception, ProductKey);
        }
    }

    private Refusal? RefusalOfRetry(BroadcastMessage message, BroadcastStatus status) =>
        status == BroadcastStatus.Cancelled ? Refusal.FailedPrecondition($"Broadcast {message.MessageId} of {ProductKey} was cancelled.")
        : message.StaleAt <= time.GetUtcNow() ? Refusal.FailedPrecondition($"The messages of broadcast {message.MessageId} of {ProductKey} have expired.")
        : null;

    private async Task<Refusal?> RefusalOfAcknowledgementsAsync(long messageId)
    {
        var qos = _running.TryGetValue(messageId, out var run) ? run.Message.QoS : (await store.FindAsync(ProductKey, messageId))?.QoS;
        return qos is null ? NotFound(messageId)
            : qos == 0 ? Refusal.FailedPrecondition($"Broadcast {messageId} of {ProductKey} was sent at QoS 0, which nobody acknowledges.")
            : null;
    }

    [LoggerMessage(3105, LogLevel.Warning, "Broadcast {MessageId} of {ProductKey} could not be retried for all devices; it may be retried again")]
    private static partial void LogRetryFailed(ILogger logger, Exception exception, long messageId, string productKey);
}
