using System.Collections.Immutable;

namespace IotPlatform.Topics;

/// <summary>Changes to one shard, in their order.</summary>
[GenerateSerializer, Immutable, Alias("iot.retained-batch")]
public sealed record RetainedBatch([property: Id(0)] ImmutableArray<RetainedChange> Changes);
