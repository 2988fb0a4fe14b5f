
namespace IotPlatform.Broadcasts;

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
