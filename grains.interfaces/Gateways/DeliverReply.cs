using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>What became of each delivery, in their order.</summary>
[GenerateSerializer, Immutable, Alias("iot.deliver-reply")]
public sealed record DeliverReply([property: Id(0)] ImmutableArray<DeliveryOutcome> Outcomes);
