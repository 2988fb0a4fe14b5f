using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing;
using IotPlatform.Routing.Peers;

namespace IotPlatform.Sessions.Kept;

/// <summary>
/// A shard of the sessions that are kept, as this gateway sees it: a copy of what they are subscribed to, publishes on their way to them, and what their clients
/// have acknowledged.
/// </summary>
internal sealed partial class SessionShard : IDisposable
{
    /// <summary>A shard's grain may be moving to another silo for that long: whoever publishes waits. Past that it is told.</summary>
    private static readonly TimeSpan PublishPatience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(250);

    private readonly Lazy<ISessionShardGrain> _grain;
    private readonly Lazy<InterestFollower<SessionShard>> _follower;
    private readonly CallLane<WaitingPublish> _publishes;
    private readonly CallLane<WaitingStep> _steps;
    private readonly GatewayIdentity _self;
    private readonly CallNumbers _numbers;
    private readonly GatewayInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public SessionShard(
        int number,
        SubscriptionTrie<SessionShard, string> interests,
        GatewayIdentity self,
        CallNumbers numbers,
        IGrainFactory grains,
        GatewayInstruments instruments,
        TimeProvider time,
        ILogger logger)
    {
        // Not before it is used: a gateway knows a cluster's grains when it has joined, and is built before.
        _grain = new(() => grains.GetGrain<ISessionShardGrain>(SessionShards.KeyOf(number)));
        _follower = new(() => new InterestFollower<SessionShard>(
            this, interests, self, numbers, pull => _grain.Value.PullInterestsAsync(pull), Forgotten, time, exception => LogPullFailed(logger, exception, number)));
        _publishes = new(static waiting => waiting.Bytes, SendAsync, instruments.SessionQueue);
        _steps = new(static _ => WaitingStep.Bytes, SendAsync, instruments.SessionQueue);
        (Number, _self, _numbers, _instruments, _time, _logger) = (number, self, numbers, instruments, time, logger);
    }

    public int Number { get; }

    public ISessionShardGrain Grain => _grain.Value;

    /// <summary>It is to be sent everything: what its sessions are subscribed to is not known just now.</summary>
    public bool IsUnknown => !_follower.IsValueCreated || !_follower.Value.IsFresh;

    /// <summary>Called when its grain has been activated anew, and knows no connections.</summary>
    public Action<SessionShard>? Reactivated { get; set; }

    /// <summary>Begins to follow what its sessions are subscribed to.</summary>
    public void Follow() => _ = _follower.Value;

    public void Dispose()
    {
        if (_follower.IsValueCreated)
        {
            _follower.Value.Dispose();
        }
    }

    /// <summary>Hands in a publish.</summary>
    /// <returns>What became of it; never fails.</returns>
    public Task<SessionPublishOutcome> PublishAsync(SessionPublish publish)
    {
        var waiting = new WaitingPublish(publish);
        if (!_publishes.TryAdd(waiting))
        {
            return Task.FromResult(SessionPublishOutcome.Failed);
        }

        return waiting.Outcome.Task;
    }

    /// <summary>Hands in a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="done">Called when it is kept.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryStep(SessionStep step, Action<SessionStep>? done) => _steps.TryAdd(new WaitingStep(step, done));

    private void Forgotten() => Reactivated?.Invoke(this);

    private async Task SendAsync(List<WaitingPublish> batch)
    {
        var request = new SessionPublishBatch(_self.Gateway, _self.Epoch, _numbers.Next(), [.. batch.Select(static waiting => waiting.Publish)]);
        var reply = await SendAsync(request).ConfigureAwait(false);
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Outcome.SetResult(reply?.Outcomes[i] ?? SessionPublishOutcome.Failed);
        }
    }

    private async Task<SessionPublishReply?> SendAsync(SessionPublishBatch request)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return await Grain.PublishAsync(request).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                if (_time.GetElapsedTime(began) > PublishPatience)
                {
                    LogPublishFailed(_logger, exception, request.Publishes.Length, Number);
                    return null;
                }
            }

            await Task.Delay(RetryInterval, _time).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(List<WaitingStep> batch)
    {
        var request = new SessionStepBatch([.. batch.Select(static waiting => waiting.Step)]);
        for (var isFailing = false; ; isFailing = true)
        {
            try
            {
                await Grain.StepAsync(request).ConfigureAwait(false);
                break;
            }
            catch (Exception exception)
            {
                if (!isFailing)
                {
                    LogStepsFailed(_logger, exception, batch.Count, Number);
                }
            }

            await Task.Delay(RetryInterval, _time).ConfigureAwait(false);
        }

        foreach (var waiting in batch)
        {
            waiting.Done?.Invoke(waiting.Step);
        }
    }

    [LoggerMessage(4306, LogLevel.Information, "What the sessions of shard {Shard} are subscribed to could not be asked; until it can, they are sent everything")]
    private static partial void LogPullFailed(ILogger logger, Exception exception, int shard);

    [LoggerMessage(4307, LogLevel.Warning, "{Count} publishes could not be handed to sessions of shard {Shard}; those who published them are told")]
    private static partial void LogPublishFailed(ILogger logger, Exception exception, int count, int shard);

    [LoggerMessage(4308, LogLevel.Information, "{Count} acknowledgements could not be handed to sessions of shard {Shard}; they are tried again")]
    private static partial void LogStepsFailed(ILogger logger, Exception exception, int count, int shard);

    private sealed record WaitingPublish(SessionPublish Publish)
    {
        public long Bytes { get; } = 256 + Publish.Message.Bytes;

        public TaskCompletionSource<SessionPublishOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private readonly record struct WaitingStep(SessionStep Step, Action<SessionStep>? Done)
    {
        public const long Bytes = 256;
    }
}
