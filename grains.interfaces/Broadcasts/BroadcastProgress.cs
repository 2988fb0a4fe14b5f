using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>How far a lasting broadcast is in one shard.</summary>
/// <param name="MessageId">The broadcast.</param>
/// <param name="IsKnown">False: the shard has never had it, or has lost it with its process.</param>
/// <param name="Tally">All counts since it had it.</param>
/// <param name="Awaited">Devices whose acknowledgement it waits for.</param>
/// <param name="FirstNote">The number of the first of <paramref name="Notes"/>, counted from 0.</param>
/// <param name="Notes">What has become of devices, in the order in which it happened. Not all that there is when it is many.</param>
/// <param name="HasMoreNotes">Whether others follow.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-progress")]
public sealed record BroadcastProgress(
    [property: Id(0)] long MessageId,
    [property: Id(1)] bool IsKnown,
    [property: Id(2)] BroadcastTally Tally,
    [property: Id(3)] long Awaited,
    [property: Id(4)] long FirstNote,
    [property: Id(5)] ImmutableArray<DeviceNote> Notes,
    [property: Id(6)] bool HasMoreNotes);
