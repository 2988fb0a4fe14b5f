namespace IotPlatform.Broadcasts;

/// <summary>What became of one broadcast in one part of the tree. Targeted = written + dropped + waiting.</summary>
/// <param name="Targeted">Devices that were to get it: those that were online when their gateway took it.</param>
/// <param name="Written">Devices it was written to.</param>
/// <param name="Dropped">Devices that were skipped: connection full, gone meanwhile, or the packet larger than they take.</param>
/// <param name="Unknown">Gateway shards that did not answer.</param>
/// <param name="Waiting">Devices whose turn, at its rate, is still to come; or never comes, where it was cancelled.</param>
/// <param name="Acknowledged">Devices that have acknowledged it.</param>
/// <param name="Late">Devices that came online later, and that it was written to then. They are in no other count but <paramref name="Acknowledged"/>.</param>
/// <param name="Retried">Copies that were written because it was retried.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-tally")]
public readonly record struct BroadcastTally(
    [property: Id(0)] long Targeted,
    [property: Id(1)] long Written,
    [property: Id(2)] long Dropped,
    [property: Id(3)] long Unknown,
    [property: Id(4)] long Waiting = 0,
    [property: Id(5)] long Acknowledged = 0,
    [property: Id(6)] long Late = 0,
    [property: Id(7)] long Retried = 0)
{
    /// <summary>A shard that did not answer.</summary>
    public static BroadcastTally OfUnknown => new(0, 0, 0, 1);

    /// <summary>Adds up.</summary>
    public static BroadcastTally operator +(BroadcastTally a, BroadcastTally b) => new(
        a.Targeted + b.Targeted,
        a.Written + b.Written,
        a.Dropped + b.Dropped,
        a.Unknown + b.Unknown,
        a.Waiting + b.Waiting,
        a.Acknowledged + b.Acknowledged,
        a.Late + b.Late,
        a.Retried + b.Retried);

    /// <summary>Adds up.</summary>
    public static BroadcastTally Add(BroadcastTally left, BroadcastTally right) => left + right;
}
