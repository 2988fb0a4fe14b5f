namespace IotPlatform.Gateways;

/// <summary>A gateway says that it is alive.</summary>
/// <param name="Lease">Who it is.</param>
/// <param name="Connections">Devices connected to it.</param>
/// <param name="KnownVersion">The version of the list that it has; 0 for none.</param>
[GenerateSerializer, Immutable, Alias("iot.lease-renewal")]
public sealed record LeaseRenewal([property: Id(0)] GatewayLease Lease, [property: Id(1)] int Connections, [property: Id(2)] long KnownVersion);
