using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>Broadcasts that travel together, in their order.</summary>
[GenerateSerializer, Immutable, Alias("iot.broadcast-batch")]
public sealed record BroadcastBatch([property: Id(0)] ImmutableArray<BroadcastMessage> Messages);

/// <summary>One broadcast on its way.</summary>
/// <param name="MessageId">Unique in this installation; in the topic of every copy.</param>
/// <param name="ProductKey">Whose devices get it.</param>
/// <param name="Topic">Null: every online device, each on its own topic.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="Payload">What the devices get.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-message")]
public sealed record BroadcastMessage(
    [property: Id(0)] long MessageId,
    [property: Id(1)] string ProductKey,
    [property: Id(2)] string? Topic,
    [property: Id(3)] int QoS,
    [property: Id(4)] ReadOnlyMemory<byte> Payload);

/// <summary>The tallies of a batch, in its order.</summary>
[GenerateSerializer, Immutable, Alias("iot.broadcast-tallies")]
public sealed record BroadcastTallies([property: Id(0)] ImmutableArray<BroadcastTally> Tallies);

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

/// <summary>What became of a broadcast.</summary>
/// <param name="ProductKey">Whose devices got it.</param>
/// <param name="MessageId">The broadcast.</param>
/// <param name="Topic">Null: every online device.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="PayloadBytes">The payload's size.</param>
/// <param name="Tally">The counts so far.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="CompletedAt">When every shard had answered; null while it runs.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-receipt")]
public sealed record BroadcastReceipt(
    [property: Id(0)] string ProductKey,
    [property: Id(1)] long MessageId,
    [property: Id(2)] string? Topic,
    [property: Id(3)] int QoS,
    [property: Id(4)] int PayloadBytes,
    [property: Id(5)] BroadcastTally Tally,
    [property: Id(6)] DateTimeOffset CreatedAt,
    [property: Id(7)] DateTimeOffset? CompletedAt);
