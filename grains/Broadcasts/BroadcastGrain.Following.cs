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

    // Those that have ended, until their shards have been told to forget them.
    private readonly Dictionary<long, Task> _forgetting = [];

    private IGrainTimer? _following;
    private bool _isSaving;
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
        foreach (var run in Followed)
        {
            run.BeginRound(_asked, time);
        }

        foreach (var shard in _targets.Shards)
        {
            if (_asked.Add(shard))
            {
                _ = AskAsync(shard);
            }
        }

        EndThoseThatAreOver();
        _ = SaveAllAsync();
    }

    private void MatchShards()
    {
        var now = time.GetUtcNow();
        foreach (var run in Followed)
        {
            run.Match(_targets, now);
        }
    }

    private async Task AskAsync(IGatewayObserver shard)
    {
        var asked = new List<(BroadcastRun Run, ShardRun Shard, int Given)>();
        try
        {
            var steps = ImmutableArray.CreateBuilder<BroadcastStep>();
            foreach (var run in Followed)
            {
                // While devices are written to again, shards keep their notes: by them they know who has acknowledged since the names were read.
                if (!run.IsRetrying && run.EndedAt is null && run.Find(shard) is { IsLost: false, IsSettled: false } known)
                {
                    asked.Add((run, known, known.Given));
                    steps.Add(new BroadcastStep(run.Message.MessageId, run.TakeQuota(known), known.NotesKept, run.IsOver, IsForgotten: false));
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
                        await LearnAsync(asked[i].Run, asked[i].Shard, reply.Progress[i], request.Steps[i].IsOver, asked[i].Given);
                    }
                }
            }
        }
        catch (Exception exception)
        {
            // Asked again in the next round. What it may have written meanwhile it says then; until it does, it gets no part of a rate, which would be lost to the others.
            asked.ForEach(static entry => entry.Shard.IsSilent = true);
            LogNotAsked(logger, exception, ProductKey);
        }
        finally
        {
            _asked.Remove(shard);
        }
    }

    private async Task LearnAsync(BroadcastRun run, ShardRun shard, BroadcastProgress progress, bool wasOver, int given)
    {
        if (!progress.Notes.IsEmpty)
        {
            await store.NoteAsync(run.Message.MessageId, progress.Notes);
        }

        var before = shard.Tally;
        shard.Learn(progress, wasOver, given);
        if (shard.Tally.Written + shard.Tally.Late + shard.Tally.Retried > before.Written + before.Late + before.Retried)
        {
            run.AwaitedUntil = time.GetUtcNow() + options.Value.AcknowledgementTime;
        }
    }

    private void EndThoseThatAreOver()
    {
        var now = time.GetUtcNow();
        foreach (var run in Followed.Where(static run => run.EndedAt is null).ToList())
        {
            var isAnswered = run.Shards.All(shard => shard.IsHeard(now));
            run.IsOver |= !run.IsRetrying && (run.IsCancelled
                || (isAnswered && run.Waiting == 0 && !(run.Message.ExpiresAt > now) && (run.Awaited == 0 || now >= run.AwaitedUntil)));
            if (run.IsOver && run.Shards.All(static shard => shard.IsSettled))
            {
                run.End(now);
            }
        }
    }

    // Beside the questions: a store that is away must not hold those up. One that has ended is there until that is stored, so that it is not gone on with later.
    private async Task SaveAllAsync()
    {
        if (_isSaving)
        {
            return;
        }

        _isSaving = true;
        try
        {
            var now = time.GetUtcNow();
            var isDue = now - _savedAt >= SaveInterval;
            _savedAt = isDue ? now : _savedAt;
            foreach (var run in Followed.ToList())
            {
                await SaveAsync(run, isDue);
            }
        }
        finally
        {
            _isSaving = false;
        }
    }

    private async Task SaveAsync(BroadcastRun run, bool isDue)
    {
        // One that is only being cancelled runs until its shards know: whoever went on with it would have to tell them.
        var receipt = run.ToReceipt() with { Status = run.Status };
        var hasEnded = receipt.CompletedAt is not null;
        if ((isDue || run.HasJustEnded) && !receipt.IsSameAs(run.Saved))
        {
            // What the store does not take is offered again when that is due: it may be away for a while.
            run.HasJustEnded = false;
            run.Saved = await SaveAsync(receipt) ? receipt : run.Saved;
        }

        if (hasEnded && receipt.IsSameAs(run.Saved))
        {
            _running.Remove(run.Message.MessageId);
            run.Close();
            _ = ForgetAsync(run);
        }
    }

    private async Task ForgetAsync(BroadcastRun run)
    {
        var messageId = run.Message.MessageId;
        var telling = run.Shards.Where(static shard => shard is { HasLostIt: false, IsWithout: false })
            .Select(shard => (shard.GoneSince, Told: ForgetAsync(shard, new BroadcastStep(messageId, 0, shard.NotesKept, IsOver: true, IsForgotten: true)))).ToArray();

        // One that is gone for a moment may hear it all the same, and is not waited for.
        var told = Task.WhenAll(telling.Where(static shard => shard.GoneSince is null).Select(static shard => shard.Told));
        _forgetting[messageId] = told;
        try
        {
            await told;
        }
        finally
        {
            _forgetting.Remove(messageId);
        }
    }

    // Where that does not arrive, the shard forgets it by itself, later.
    private static async Task ForgetAsync(ShardRun shard, BroadcastStep step)
    {
        Task told = shard.Shard.FollowAsync(new BroadcastSteps([step]));
        await told.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [LoggerMessage(3104, LogLevel.Warning, "A gateway shard could not be asked how far broadcasts of {ProductKey} are; it is asked again")]
    private static partial void LogNotAsked(ILogger logger, Exception exception, string productKey);
}
