using System.Collections.Immutable;

namespace IotPlatform.Topics;

/// <summary>What became of a batch, in its order.</summary>
[GenerateSerializer, Immutable, Alias("iot.retained-outcomes")]
public sealed record RetainedOutcomes([property: Id(0)] ImmutableArray<RetainedOutcome> Outcomes);
