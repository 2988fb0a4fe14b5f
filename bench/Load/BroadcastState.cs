namespace IotPlatform.Bench.Load;

/// <summary>One broadcast on its way; times are <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
internal struct BroadcastState
{
    public long StartedAt;
    public long AnsweredAt;
    public long LastArrivalAt;
    public int Deliveries;

    /// <summary>The place of this broadcast in the one order that every device must see; -1 until a device saw it.</summary>
    public int Rank;

    /// <summary>The id in the topics of its deliveries; 0 until one arrived, and where topics carry none.</summary>
    public ulong MessageId;

    public Receipt Receipt;
}
