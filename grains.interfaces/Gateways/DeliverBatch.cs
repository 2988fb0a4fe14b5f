using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>Messages for several connections of a shard.</summary>
/// <param name="Requests">Each for one connection.</param>
[GenerateSerializer, Immutable, Alias("iot.deliver-batch")]
public sealed record DeliverBatch([property: Id(0)] ImmutableArray<DeliverRequest> Requests);
