using IotPlatform.Gateways;

namespace IotPlatform.Broadcasts;

/// <summary>A broadcast at one gateway shard, as its root knows it.</summary>
internal sealed class ShardRun(IGatewayObserver shard, GatewayId gateway)
{
    private BroadcastTally _tally;
    private long _awaited;
    private bool _isSettled;

    public IGatewayObserver Shard => shard;

    public GatewayId Gateway => gateway;

    /// <summary>All counts, as the shard has said last, and that it is unknown what has become of it since it was lost.</summary>
    public BroadcastTally Tally
    {
        get => IsLost && IsKnown ? _tally + BroadcastTally.OfUnknown : _tally;
        set => _tally = value;
    }

    /// <summary>Devices whose acknowledgement the shard waits for.</summary>
    public long Awaited => IsLost ? 0 : _awaited;

    /// <summary>How many of the shard's notes are in the store.</summary>
    public long NotesKept { get; private set; }

    /// <summary>The shard has it.</summary>
    public bool IsKnown { get; set; }

    /// <summary>It has said how far it is, since it was given it last.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>How often it was given it because it is retried.</summary>
    public int Given { get; private set; }

    /// <summary>It did not answer when it was asked last.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The shard is gone, or has lost it.</summary>
    public bool IsLost => HasLostIt || GoneSince is not null;

    /// <summary>The shard is there, and has it no more: nothing more will be heard of it from there.</summary>
    public bool HasLostIt { get; private set; }

    /// <summary>Since when its gateway is not listed any more; null while it is.</summary>
    public DateTimeOffset? GoneSince { get; private set; }

    /// <summary>The shard does not have it, and is not asked for it until it has been given it.</summary>
    public bool IsWithout { get; private set; }

    /// <summary>The shard knows that it is over, and has nothing more to say of it.</summary>
    public bool IsSettled => _isSettled || IsLost;

    /// <summary>What the shard says of it.</summary>
    /// <param name="progress">That.</param>
    /// <param name="wasOver">Whether it had been told that it is over.</param>
    /// <param name="given">How often it had been given it when it was asked.</param>
    public void Learn(BroadcastProgress progress, bool wasOver, int given)
    {
        if (IsLost)
        {
            // It was asked before that was known. If it returns, it is asked again.
            return;
        }

        IsSilent = false;
        if (!progress.IsKnown && given != Given)
        {
            // It has been given it while the answer was on its way.
            return;
        }

        if (!progress.IsKnown)
        {
            // One that has come since has nothing to lose, and may be given it when it is retried.
            if (IsKnown || Tally != default)
            {
                HasLostIt = true;
            }
            else
            {
                GoWithout();
            }

            return;
        }

        IsKnown = true;
        HasAnswered = given == Given;
        Tally = progress.Tally;
        _awaited = progress.Awaited;
        NotesKept = Math.Max(NotesKept, progress.FirstNote + progress.Notes.Length);
        _isSettled = wasOver && !progress.HasMoreNotes;
    }

    /// <summary>The shard is not to be asked for it.</summary>
    public void GoWithout()
    {
        IsWithout = true;
        _isSettled = true;
    }

    /// <summary>The shard has been given it, because it is retried.</summary>
    public void Give()
    {
        Given++;
        HasAnswered = false;
        IsKnown = true;
        _isSettled &= !IsWithout;
        IsWithout = false;
    }

    /// <summary>Its gateway is not listed any more.</summary>
    public void Leave(DateTimeOffset now) => GoneSince ??= now;

    /// <summary>Its gateway is listed again, the process that it was: a new directory had not heard of it. It says next whether it still has the broadcast.</summary>
    public void Return()
    {
        if (GoneSince is not null)
        {
            GoneSince = null;
            HasAnswered = false;
        }
    }

    /// <summary>Whether the broadcast may be over without another answer from there. A gateway that is gone may return for as long as a lease lasts.</summary>
    public bool IsHeard(DateTimeOffset now) =>
        IsWithout || HasLostIt || (GoneSince is { } since ? now - since >= IGatewayDirectoryGrain.LeaseTime : HasAnswered);
}
