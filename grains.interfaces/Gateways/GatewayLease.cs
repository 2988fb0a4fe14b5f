using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>A gateway, alive.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Epoch">New at each start of its process.</param>
/// <param name="Shards">Its observers.</param>
[GenerateSerializer, Immutable, Alias("iot.gateway-lease")]
public sealed record GatewayLease(
    [property: Id(0)] GatewayId Gateway, [property: Id(1)] long Epoch, [property: Id(2)] ImmutableArray<IGatewayObserver> Shards);
