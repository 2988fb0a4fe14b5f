using IotPlatform.Gateways;

namespace IotPlatform.Broadcasts;

/// <summary>What became of a broadcast at one gateway.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Tally">Its counts so far.</param>
[GenerateSerializer, Immutable, Alias("iot.gateway-tally")]
public sealed record GatewayTally([property: Id(0)] GatewayId Gateway, [property: Id(1)] BroadcastTally Tally);
