using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Orders;

/// <summary>What a gateway has noted for a trace.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Events">In their order.</param>
/// <param name="Lost">Events before these that had to make room for newer ones.</param>
[GenerateSerializer, Immutable, Alias("iot.trace-reading")]
public sealed record TraceReading([property: Id(0)] GatewayId Gateway, [property: Id(1)] ImmutableArray<TraceEvent> Events, [property: Id(2)] long Lost);
