using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>What a shard is to do next for lasting broadcasts.</summary>
[GenerateSerializer, Immutable, Alias("iot.broadcast-steps")]
public sealed record BroadcastSteps([property: Id(0)] ImmutableArray<BroadcastStep> Steps);
