using System.Collections.Immutable;
using IotPlatform.Gateways;
using IotPlatform.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace IotPlatform.Broadcasts;

/// <summary>
/// The root of one product's broadcasts. Reentrant: many broadcasts are under way at once, and share nothing but the lanes, which keep their order.
/// </summary>
[Reentrant]
internal sealed partial class BroadcastGrain(
    IBroadcastStore store, MessageIds ids, IOptions<BroadcastOptions> options, TimeProvider time, ILogger<BroadcastGrain> logger)
    : Grain, IBroadcastGrain
{
    /// <summary>Longer than silos take to agree that one of them is lost.</summary>
    private static readonly TimeSpan DirectoryPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan DirectoryRetryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Well within the time that a caller waits.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<long, BroadcastRun> _running = [];
    private readonly CallQuota _quota = new(options.Value.CallsPerMinute, time);
    private BroadcastFanOut? _fanOut;
    private BroadcastTargets _targets = BroadcastTargets.None;
    private long _lastId;

    private string ProductKey => this.GetPrimaryKeyString()["broadcast/".Length..];

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ResumeAsync();
        }
        catch (Exception exception)
        {
            // What devices are to get now must not wait for the store. Whoever sweeps that asks again for what runs.
            LogNotResumed(logger, exception, ProductKey);
        }
    }

    public async Task<Reply<BroadcastReceipt>> PublishAsync(PublishBroadcast request)
    {
        var run = NewRun(request);
        if (RefusalOf(run.Message) is { } refusal)
        {
            return refusal;
        }

        var messageId = run.Message.MessageId;
        _running.Add(messageId, run);
        try
        {
            if (run.Message.IsLasting)
            {
                // Before anybody has it: what is accepted is gone on with, whatever happens to this silo.
                run.Saved = run.ToReceipt();
                await store.SaveAsync(new LastingBroadcast(run.Saved, run.Message, Before: []));
            }

            await SendAsync(run);
        }
        catch
        {
            GiveUp(run);
            throw;
        }

        if (run.Message.IsLasting)
        {
            run.AwaitedUntil = time.GetUtcNow() + options.Value.AcknowledgementTime;
            run.Follow();
            FollowSoon();
            return run.ToReceipt();
        }

        run.End(time.GetUtcNow());
        var receipt = run.ToReceipt();
        await SaveAsync(receipt);
        _running.Remove(messageId);
        return receipt;
    }

    public async Task<Reply<BroadcastReceipt>> GetAsync(long messageId)
    {
        if (_running.TryGetValue(messageId, out var running))
        {
            return running.ToReceipt();
        }

        return await store.FindAsync(ProductKey, messageId) is { } receipt ? receipt : NotFound(messageId);
    }

    public async Task<BroadcastPage> ListAsync(long? before, int size)
    {
        var stored = await store.ListAsync(ProductKey, before, size + 1);
        var live = _running.Values.Where(run => before is null || run.Message.MessageId < before).Select(static run => run.ToReceipt());
        BroadcastReceipt[] receipts = [.. live.Concat(stored).DistinctBy(static receipt => receipt.MessageId).OrderByDescending(static receipt => receipt.MessageId).Take(size + 1)];
        return receipts.Length > size ? new BroadcastPage([.. receipts[..size]], receipts[size - 1].MessageId) : new BroadcastPage([.. receipts], null);
    }

    public async Task<Reply<BroadcastReceipt>> CancelAsync(long messageId)
    {
        if (!_running.TryGetValue(messageId, out var run) || run.EndedAt is not null)
        {
            return run is null && await store.FindAsync(ProductKey, messageId) is null ? NotFound(messageId)
                : Refusal.FailedPrecondition($"Broadcast {messageId} of {ProductKey} has ended.");
        }

        if (!run.Message.IsLasting)
        {
            return Refusal.FailedPrecondition($"Broadcast {messageId} of {ProductKey} is being written, and ends by itself.");
        }

        run.IsCancelled = true;
        run.IsOver |= run.IsFollowed && !run.IsRetrying;
        await Task.WhenAny(run.Closed, Task.Delay(EndPatience, time));
        return run.ToReceipt();
    }

    private Refusal? RefusalOf(BroadcastMessage message)
    {
        var lasting = _running.Values.Count(static run => run.IsFollowed);
        return _running.Count - lasting >= options.Value.RunningPerProductMax ? Refusal.ResourceExhausted($"{_running.Count - lasting} broadcasts of {ProductKey} are under way.")
            : message.IsLasting && lasting >= options.Value.LastingPerProductMax
                ? Refusal.ResourceExhausted($"{lasting} broadcasts of {ProductKey} still go on: at a rate, for devices that come later, or for acknowledgements.")
            : !_quota.TryTake(out var retryAfter)
                ? Refusal.ResourceExhausted($"{ProductKey} may have {options.Value.CallsPerMinute} broadcasts a minute.") with { RetryAfter = retryAfter }
            : null;
    }

    private BroadcastRun NewRun(PublishBroadcast request)
    {
        var now = time.GetUtcNow();
        _lastId = ids.NextAfter(_lastId);
        return new BroadcastRun(
            new BroadcastMessage(
                _lastId,
                ProductKey,
                request.Topic,
                request.QoS,
                request.Payload,
                request.Filter,
                request.Properties,
                now + request.MessageExpiry,
                request.TimeToLive > TimeSpan.Zero ? now + request.TimeToLive : null,
                request.MaxRate),
            now);
    }

    private async Task SendAsync(BroadcastRun run)
    {
        _fanOut ??= new BroadcastFanOut(GrainFactory, ProductKey, place: "", logger);
        _targets = _targets.For(await GatewaysAsync());
        run.SendTo(_targets);
        await _fanOut.SendAsync(run.Message, _targets.Shards, run.Report);
    }

    // The directory may be moving, after the loss of a silo. What this silo knows itself may lack a gateway that has just come: better a moment later, or refused,
    // than with a receipt that leaves devices out and does not say so.
    private async Task<ImmutableArray<GatewayLease>> GatewaysAsync()
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return (await GrainFactory.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).ListAsync()).Gateways;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException && time.GetElapsedTime(began) < DirectoryPatience)
            {
                LogDirectoryFailed(logger, exception, ProductKey);
            }

            await Task.Delay(DirectoryRetryInterval, time);
        }
    }

    // The caller is told that it failed: it must not go on by itself later.
    private void GiveUp(BroadcastRun run)
    {
        if (run.Saved is null)
        {
            _running.Remove(run.Message.MessageId);
            return;
        }

        run.Follow();
        run.IsCancelled = true;
        run.End(time.GetUtcNow());
        FollowSoon();
    }

    // The devices have the message: a store that fails costs the receipt, not the answer.
    private async Task<bool> SaveAsync(BroadcastReceipt receipt)
    {
        try
        {
            await store.SaveAsync(receipt);
            return true;
        }
        catch (Exception exception)
        {
            LogReceiptLost(logger, exception, receipt.ProductKey, receipt.MessageId);
            return false;
        }
    }

    private Refusal NotFound(long messageId) => Refusal.NotFound($"There is no broadcast {messageId} of {ProductKey}.");

    [LoggerMessage(3106, LogLevel.Warning, "The broadcasts of {ProductKey} that run could not be read; that is tried again")]
    private static partial void LogNotResumed(ILogger logger, Exception exception, string productKey);

    [LoggerMessage(3103, LogLevel.Information, "The gateway directory did not answer; a broadcast of {ProductKey} waits for it")]
    private static partial void LogDirectoryFailed(ILogger logger, Exception exception, string productKey);

    [LoggerMessage(3102, LogLevel.Error, "The receipt of broadcast {MessageId} of {ProductKey} could not be stored")]
    private static partial void LogReceiptLost(ILogger logger, Exception exception, string productKey, long messageId);
}
