using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>Which of the devices that were asked for have not had a broadcast, in their order.</summary>
[GenerateSerializer, Immutable, Alias("iot.claim-reply")]
public sealed record ClaimReply([property: Id(0)] ImmutableArray<bool> AreNew);
