using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>Broadcasts that travel together, in their order.</summary>
[GenerateSerializer, Immutable, Alias("iot.broadcast-batch")]
public sealed record BroadcastBatch([property: Id(0)] ImmutableArray<BroadcastMessage> Messages);
