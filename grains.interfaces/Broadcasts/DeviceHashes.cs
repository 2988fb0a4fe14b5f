using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>Devices of one product, each by the hash of its name: see <see cref="IReachedDevicesGrain.HashOf"/>.</summary>
[GenerateSerializer, Immutable, Alias("iot.device-hashes")]
public sealed record DeviceHashes([property: Id(0)] ImmutableArray<ulong> Hashes);
