using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>The live gateways in the order of their ids, with the version of the list.</summary>
[GenerateSerializer, Immutable, Alias("iot.gateway-status-list")]
public sealed record GatewayStatusList([property: Id(0)] long Version, [property: Id(1)] ImmutableArray<GatewayStatus> Gateways);
