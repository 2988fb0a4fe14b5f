using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>The tallies of a batch, in its order.</summary>
[GenerateSerializer, Immutable, Alias("iot.broadcast-tallies")]
public sealed record BroadcastTallies([property: Id(0)] ImmutableArray<BroadcastTally> Tallies);
