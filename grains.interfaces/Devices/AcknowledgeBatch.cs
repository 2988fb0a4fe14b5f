using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>Acknowledgements of several devices of one gateway.</summary>
[GenerateSerializer, Immutable, Alias("iot.acknowledge-batch")]
public sealed record AcknowledgeBatch([property: Id(0)] ImmutableArray<DeviceAcknowledgement> Acknowledgements);
