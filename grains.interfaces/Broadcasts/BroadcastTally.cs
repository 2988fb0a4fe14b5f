
namespace IotPlatform.Broadcasts;

/// <summary>What became of one broadcast in one part of the tree.</summary>
/// <param name="Targeted">Devices that were to get it.</param>
/// <param name="Written">Devices it was written to.</param>
/// <param name="Dropped">Devices that were skipped: connection full or gone meanwhile.</param>
/// <param name="Unknown">Gateway shards that did not answer.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-tally")]
public readonly record struct BroadcastTally(
    [property: Id(0)] long Targeted, [property: Id(1)] long Written, [property: Id(2)] long Dropped, [property: Id(3)] long Unknown)
{
    /// <summary>Adds up.</summary>
    public static BroadcastTally operator +(BroadcastTally a, BroadcastTally b) =>
        new(a.Targeted + b.Targeted, a.Written + b.Written, a.Dropped + b.Dropped, a.Unknown + b.Unknown);

    /// <summary>Adds up.</summary>
    public static BroadcastTally Add(BroadcastTally left, BroadcastTally right) => left + right;
}
