using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Products;

/// <summary>A device to be registered.</summary>
/// <param name="DeviceName">Its name; empty for one made by the server.</param>
/// <param name="Tags">Its tags, in the order of their keys.</param>
[GenerateSerializer, Immutable, Alias("iot.create-device")]
public sealed record CreateDevice([property: Id(0)] string DeviceName, [property: Id(1)] ImmutableArray<DeviceTag> Tags);
