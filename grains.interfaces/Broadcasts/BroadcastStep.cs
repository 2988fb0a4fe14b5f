namespace IotPlatform.Broadcasts;

/// <summary>What a shard is to do next for a lasting broadcast, and to say of it.</summary>
/// <param name="MessageId">The broadcast.</param>
/// <param name="Quota">Devices that may be written to now, of those that wait for their turn.</param>
/// <param name="NotesKept">How many of the shard's notes on devices are kept by now: it forgets them.</param>
/// <param name="IsOver">Nobody is written to any more, and nobody waited for: who has not acknowledged is noted as that.</param>
/// <param name="IsForgotten">All is known: the shard forgets it.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-step")]
public sealed record BroadcastStep(
    [property: Id(0)] long MessageId,
    [property: Id(1)] int Quota,
    [property: Id(2)] long NotesKept,
    [property: Id(3)] bool IsOver,
    [property: Id(4)] bool IsForgotten);
