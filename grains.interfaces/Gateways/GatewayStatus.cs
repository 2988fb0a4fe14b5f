namespace IotPlatform.Gateways;

/// <summary>A live gateway, for those who watch.</summary>
/// <param name="Lease">Who it is.</param>
/// <param name="Connections">Devices connected to it when it last renewed.</param>
/// <param name="RenewedAt">When that was.</param>
[GenerateSerializer, Immutable, Alias("iot.gateway-status")]
public sealed record GatewayStatus([property: Id(0)] GatewayLease Lease, [property: Id(1)] int Connections, [property: Id(2)] DateTimeOffset RenewedAt);
