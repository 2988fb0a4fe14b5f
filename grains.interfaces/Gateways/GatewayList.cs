using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>The live gateways. The version grows with every change of who is in it.</summary>
[GenerateSerializer, Immutable, Alias("iot.gateway-list")]
public sealed record GatewayList([property: Id(0)] long Version, [property: Id(1)] ImmutableArray<GatewayLease> Gateways);
