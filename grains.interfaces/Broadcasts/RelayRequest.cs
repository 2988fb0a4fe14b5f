using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Broadcasts;

/// <summary>A batch, and the targets it is to reach from here.</summary>
[GenerateSerializer, Immutable, Alias("iot.relay-request")]
public sealed record RelayRequest([property: Id(0)] ImmutableArray<IGatewayObserver> Targets, [property: Id(1)] BroadcastBatch Batch);
