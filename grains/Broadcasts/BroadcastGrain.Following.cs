using System.Collections.Immutable;
using IotPlatform.Gateways;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Broadcasts;

/// <content>
/// Broadcasts that go on after the devices that were online have been written to. The root asks every shard again and again how far they are, tells it how many
/// devices it may write to by then, and stores what has become of devices. A shard that does not answer holds up none but itself.
/// </content>
internal sealed partial class BroadcastGrain
{
    /// <summary>Between two questions while something is going on.</summary>
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two looks at the store's copy: as much progress may be missing from a receipt after the loss of a silo.</summary>
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the time between two questions: the grain stays where it is.</summary>
    private static readonly TimeSpan FollowedTime = TimeSpan.FromMinutes(1);

    private readonly HashSet<IGatewayObserver> _asked = [];
    private IGrainTimer? _following;
    private DateTimeOffset _savedAt;
    private bool _isResumed;

    public Task FollowAsync() => ResumeAsync();

    private IEnumerable<BroadcastRun> Followed => _running.Values.Where(static run => run.IsFollowed);

    // Once in an activation: what runs from then on it has begun itself.
    private async Task ResumeAsync()
    {
        if (_isResumed)
        {
            return;
        }

        foreach (var stored in await store.FindRunningAsync(ProductKey))
        {
            var run = BroadcastRun.Resumed(stored);
            run.AwaitedUntil = time.GetUtcNow() + options.Value.AcknowledgementTime;
            _running.TryAdd(stored.Receipt.MessageId, run);
        }

        _isResumed = true;
        if (Followed.Any())
        {
            FollowSoon();
        }
    }

    private void FollowSoon()
    {
        DelayDeactivation(FollowedTime);
        _following ??= this.RegisterGrainTimer(FollowRoundAsync, new GrainTimerCreationOptions { DueTime = FollowInterval, Period = FollowInterval, Interleave = true });
    }

    private async Task FollowRoundAsync(CancellationToken cancellationToken)
    {
        if (!Followed.Any())
        {
            _following?.Dispose();
            _following = null;
            return;
        }

        DelayDeactivation(FollowedTime);
        ImmutableArray<GatewayLease> live;
        try
        {
            live = (await GrainFactory.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).ListAsync()).Gateways;
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            LogDirectoryFailed(logger, exception, ProductKey);
            return;
        }

        _targets = _targets.For(live);
        MatchShards();
        foreach (var shard in _targets.Shards)
        {
            if (_asked.Add(shard))
            {
                _ = AskAsync(shard);
            }
        }

        EndThoseThatAreOver();
        await SaveAllAsync();
    }

    // Shards that have gone, and shards that have come: those of a run that another activation has begun are all new to this one.
    private void MatchShards()
    {
        foreach (var run in Followed)
        {
            foreach (var shard in run.Shards)
            {
                if (!shard.IsLost && !_targets.Shards.Contains(shard.Shard))
                {
                    shard.Lose();
                }
            }

            for (var i = 0; i < _targets.Shards.Length; i++)
            {
                if (run.Shards.All(known => !known.Shard.Equals(_targets.Shards[i])))
                {
                    run.Add(_targets.Shards[i], _targets.Gateways[i]);
                }
            }
        }
    }

    private async Task AskAsync(IGatewayObserver shard)
    {
        try
        {
            var asked = new List<(BroadcastRun Run, ShardRun Shard)>();
            var steps = ImmutableArray.CreateBuilder<BroadcastStep>();
            foreach (var run in Followed)
            {
                // While devices are written to again, shards keep their notes: by them they know who has acknowledged since the names were read.
                if (!run.IsRetrying && run.Shards.FirstOrDefault(known => known.Shard.Equals(shard)) is { IsLost: false, IsSettled: false } known)
                {
                    asked.Add((run, known));
                    steps.Add(new BroadcastStep(run.Message.MessageId, run.TakeQuota(known, time), known.NotesKept, run.IsOver, IsForgotten: false));
                }
            }

            if (steps.Count > 0)
            {
                var request = new BroadcastSteps(steps.ToImmutable());
                var reply = await shard.FollowAsync(request);
                for (var i = 0; i < asked.Count; i++)
                {
                    if (!reply.Progress[i].IsKnown && asked[i].Run is { IsOver: false, Message: var message } && message.ExpiresAt > time.GetUtcNow())
                    {
                        // A gateway that has come since: its devices are among those that come later.
                        await shard.BroadcastAsync(new BroadcastBatch([message with { IsLate = true }]));
                    }
                    else
                    {
                        await LearnAsync(asked[i].Run, asked[i].Shard, reply.Progress[i], request.Steps[i].IsOver);
                    }
                }
            }
        }
        catch (Exception exception)
        {
            // Asked again in the next round. What it may have written meanwhile it says then.
            LogNotAsked(logger, exception, ProductKey);
        }
        finally
        {
            _asked.Remove(shard);
        }
    }

    private async Task LearnAsync(BroadcastRun run, ShardRun shard, BroadcastProgress progress, bool wasOver)
    {
        if (!progress.Notes.IsEmpty)
        {
            await store.NoteAsync(run.Message.MessageId, progress.Notes);
        }

        var before = shard.Tally;
        shard.Learn(progress, wasOver);
        if (shard.Tally.Written + shard.Tally.Late + shard.Tally.Retried > before.Written + before.Late + before.Retried)
        {
            run.AwaitedUntil = time.GetUtcNow() + options.Value.AcknowledgementTime;
        }
    }

    private void EndThoseThatAreOver()
    {
        var now = time.GetUtcNow();
        foreach (var run in Followed.ToList())
        {
            var isAnswered = run.Shards.All(static shard => shard.IsLost || shard.IsKnown);
            run.IsOver |= !run.IsRetrying && (run.IsCancelled
                || (isAnswered && run.Waiting == 0 && !(run.Message.ExpiresAt > now) && (run.Awaited == 0 || now >= run.AwaitedUntil)));
            if (run.IsOver && run.Status == BroadcastStatus.Running && run.Shards.All(static shard => shard.IsSettled))
            {
                run.End(now);
            }
        }
    }

    private async Task SaveAllAsync()
    {
        var now = time.GetUtcNow();
        var isDue = now - _savedAt >= SaveInterval;
        foreach (var run in Followed.ToList())
        {
            var receipt = run.ToReceipt();
            if ((isDue || run.EndedAt is not null) && !receipt.IsSameAs(run.Saved))
            {
                await SaveAsync(receipt);
                run.Saved = receipt;
            }

            if (run.EndedAt is not null)
            {
                _running.Remove(run.Message.MessageId);
                run.Close();
                Forget(run);
            }
        }

        _savedAt = isDue ? now : _savedAt;
    }

    // Where that does not arrive, the shard forgets it by itself, later.
    private static async Task ForgetAsync(ShardRun shard, BroadcastStep step)
    {
        Task told = shard.Shard.FollowAsync(new BroadcastSteps([step]));
        await told.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private static void Forget(BroadcastRun run)
    {
        foreach (var shard in run.Shards)
        {
            if (!shard.IsLost)
            {
                _ = ForgetAsync(shard, new BroadcastStep(run.Message.MessageId, 0, shard.NotesKept, IsOver: true, IsForgotten: true));
            }
        }
    }

    [LoggerMessage(3104, LogLevel.Warning, "A gateway shard could not be asked how far broadcasts of {ProductKey} are; it is asked again")]
    private static partial void LogNotAsked(ILogger logger, Exception exception, string productKey);
}
