using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>How far broadcasts are, in the order in which they were asked for.</summary>
[GenerateSerializer, Immutable, Alias("iot.broadcast-progress-reply")]
public sealed record BroadcastProgressReply([property: Id(0)] ImmutableArray<BroadcastProgress> Progress);
