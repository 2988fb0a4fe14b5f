using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>A QoS 1 broadcast is to be written again.</summary>
/// <param name="Message">The broadcast.</param>
/// <param name="DeviceNames">To those of these devices that are connected to the shard; null: to those that have it there and have not acknowledged it.</param>
[GenerateSerializer, Immutable, Alias("iot.retry-request")]
public sealed record RetryRequest([property: Id(0)] BroadcastMessage Message, [property: Id(1)] ImmutableArray<string>? DeviceNames);
