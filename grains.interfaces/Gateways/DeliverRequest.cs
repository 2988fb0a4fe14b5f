using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>Messages for one connection.</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="Deliveries">The messages, in their order.</param>
/// <param name="Generation">
/// Of the attach that the grain knows the connection by. A gateway that has been told a later one takes nothing: the caller is an activation that does not know yet
/// that it has been replaced.
/// </param>
[GenerateSerializer, Immutable, Alias("iot.deliver-request")]
public sealed record DeliverRequest([property: Id(0)] long ConnectionId, [property: Id(1)] ImmutableArray<Delivery> Deliveries, [property: Id(2)] long Generation);
