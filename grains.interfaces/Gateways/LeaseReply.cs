namespace IotPlatform.Gateways;

/// <summary>What a gateway learns when it renews its lease.</summary>
/// <param name="List">The live gateways; null when the gateway's list is up to date.</param>
/// <param name="ClusterVersion">Grows whenever a silo comes or goes: device grains may have lost their state.</param>
/// <param name="HadLapsed">The lease had ended: the gateway's attachments were void meanwhile.</param>
[GenerateSerializer, Immutable, Alias("iot.lease-reply")]
public sealed record LeaseReply([property: Id(0)] GatewayList? List, [property: Id(1)] long ClusterVersion, [property: Id(2)] bool HadLapsed);
