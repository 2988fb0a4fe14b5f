using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>Messages for one connection.</summary>
[GenerateSerializer, Immutable, Alias("iot.deliver-request")]
public sealed record DeliverRequest([property: Id(0)] long ConnectionId, [property: Id(1)] ImmutableArray<Delivery> Deliveries);
