using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Products;

/// <summary>A page of devices.</summary>
/// <param name="Devices">In the order of their names.</param>
/// <param name="Next">Asks for the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("iot.device-page")]
public sealed record DevicePage([property: Id(0)] ImmutableArray<DeviceView> Devices, [property: Id(1)] string? Next);
