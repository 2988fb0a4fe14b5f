using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>The tallies of a batch: for each broadcast, in the batch's order, one for each target, in the targets' order.</summary>
[GenerateSerializer, Immutable, Alias("iot.broadcast-tallies")]
public sealed record BroadcastTallies([property: Id(0)] ImmutableArray<BroadcastTally> Tallies);
