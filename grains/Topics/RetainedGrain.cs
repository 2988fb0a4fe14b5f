using IotPlatform.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace IotPlatform.Topics;

/// <summary>
/// The retained messages of one shard, all of them in memory from its activation on. Reentrant, because changes wait for the disk and must not hold up those
/// who subscribe: a match is one turn and sees what is durable; changes wait for each other in the <see cref="RetainedWriter"/>, which keeps their order.
/// </summary>
[Reentrant]
internal sealed class RetainedGrain(
    IRetainedStore store, IOptions<TopicOptions> options, TopicInstruments instruments, TimeProvider time, ILogger<RetainedGrain> logger)
    : Grain, IRetainedGrain
{
    /// <summary>Messages ended by one turn of the sweep: a batch of the store.</summary>
    private const int SweepLengthMax = 1_000;

    /// <summary>Expired messages are no longer shown; their rows may wait this long, so that they go together.</summary>
    private static readonly TimeSpan SweepIntervalMin = TimeSpan.FromSeconds(1);

    /// <summary>The next turn after one that the store did not carry out.</summary>
    private static readonly TimeSpan SweepRetryInterval = TimeSpan.FromSeconds(30);

    /// <summary>Timers do not reach as far as an expiry may lie.</summary>
    private static readonly TimeSpan SweepIntervalMax = TimeSpan.FromDays(1);

    private readonly RetainedTopics _topics = new();
    private RetainedWriter _writer = null!;
    private IGrainTimer? _sweepTimer;
    private DateTimeOffset _sweepAt = DateTimeOffset.MaxValue;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var shard = RetainedShards.FromKey(this.GetPrimaryKeyString());
        _writer = new RetainedWriter(shard, _topics, store, options.Value, instruments, time, logger);
        foreach (var message in await store.LoadAsync(shard))
        {
            _topics.Set(message.Topic, message);
        }

        instruments.Changed(_topics.Count, _topics.Bytes);
        ArmSweep();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // The next activation must not read while this one's sweep still writes.
        await _writer.DrainAsync().WaitAsync(cancellationToken);
        instruments.Changed(-_topics.Count, -_topics.Bytes);
    }

    public async Task<Refusal?> SetAsync(RetainedMessage message)
    {
        var outcomes = await ApplyAsync(new RetainedBatch([new RetainedChange(message.Topic, message, ClearsWhenRefused: false)]));
        return outcomes.Outcomes[0] switch
        {
            RetainedOutcome.Done => null,
            RetainedOutcome.Refused => Refusal.ResourceExhausted("As many messages, or bytes, are retained as may be."),
            _ => throw new StoreUnavailableException("The message could not be retained."),
        };
    }

    public async Task RemoveAsync(string topic)
    {
        var outcomes = await ApplyAsync(new RetainedBatch([new RetainedChange(topic, Message: null, ClearsWhenRefused: false)]));
        if (outcomes.Outcomes[0] != RetainedOutcome.Done)
        {
            throw new StoreUnavailableException("The retained message could not be removed.");
        }
    }

    public async Task<RetainedOutcomes> ApplyAsync(RetainedBatch batch)
    {
        var outcomes = await _writer.ApplyAsync(batch.Changes);
        ArmSweep();
        return new RetainedOutcomes(outcomes);
    }

    public Task<RetainedPage> MatchAsync(MatchRetained request) => Task.FromResult(_topics.Match(request, time.GetUtcNow()));

    private async Task SweepAsync()
    {
        var outcomes = await _writer.ExpireAsync(_topics.FindExpired(time.GetUtcNow(), SweepLengthMax));
        _sweepAt = DateTimeOffset.MaxValue;
        ArmSweep(outcomes.Contains(RetainedOutcome.Failed) ? SweepRetryInterval : SweepIntervalMin);
    }

    private void ArmSweep() => ArmSweep(SweepIntervalMin);

    /// <summary>One timer a shard, armed only while something ends by itself.</summary>
    private void ArmSweep(TimeSpan waitMin)
    {
        if (_topics.NextEnd is not { } end || end >= _sweepAt)
        {
            return;
        }

        _sweepAt = end;
        var wait = end - time.GetUtcNow();
        wait = wait < waitMin ? waitMin : wait > SweepIntervalMax ? SweepIntervalMax : wait;
        if (_sweepTimer is null)
        {
            var timing = new GrainTimerCreationOptions { DueTime = wait, Period = Timeout.InfiniteTimeSpan, Interleave = true };
            _sweepTimer = this.RegisterGrainTimer(SweepAsync, timing);
        }
        else
        {
            _sweepTimer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }
}
