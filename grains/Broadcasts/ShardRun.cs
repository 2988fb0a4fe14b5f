using IotPlatform.Gateways;

namespace IotPlatform.Broadcasts;

/// <summary>A broadcast at one gateway shard, as its root knows it.</summary>
internal sealed class ShardRun(IGatewayObserver shard, GatewayId gateway)
{
    public IGatewayObserver Shard => shard;

    public GatewayId Gateway => gateway;

    /// <summary>All counts, as the shard has said last.</summary>
    public BroadcastTally Tally { get; set; }

    /// <summary>Devices whose acknowledgement the shard waits for.</summary>
    public long Awaited { get; private set; }

    /// <summary>How many of the shard's notes are in the store.</summary>
    public long NotesKept { get; private set; }

    /// <summary>The shard has it.</summary>
    public bool IsKnown { get; set; }

    /// <summary>The shard is gone, or has lost it.</summary>
    public bool IsLost { get; private set; }

    /// <summary>The shard knows that it is over, and has nothing more to say of it.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>What the shard says of it.</summary>
    /// <param name="progress">That.</param>
    /// <param name="wasOver">Whether it had been told that it is over.</param>
    public void Learn(BroadcastProgress progress, bool wasOver)
    {
        if (!progress.IsKnown)
        {
            Lose();
            return;
        }

        IsKnown = true;
        Tally = progress.Tally;
        Awaited = progress.Awaited;
        NotesKept = Math.Max(NotesKept, progress.FirstNote + progress.Notes.Length);
        IsSettled = wasOver && !progress.HasMoreNotes;
    }

    /// <summary>Nothing more will be heard of it from there.</summary>
    public void Lose()
    {
        if (IsLost)
        {
            return;
        }

        IsLost = true;
        IsSettled = true;
        Awaited = 0;
        if (IsKnown)
        {
            Tally += BroadcastTally.OfUnknown;
        }
    }
}
