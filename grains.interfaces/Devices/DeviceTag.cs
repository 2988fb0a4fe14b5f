namespace IotPlatform.Devices;

/// <summary>What somebody who runs the platform says of a device, so that it can be addressed with others of which the same is said. A device has few, each key once.</summary>
/// <param name="Key">Unique in its device (<see cref="Names.IsTagKey"/>).</param>
/// <param name="Value">What is said (<see cref="Names.IsTagValue"/>).</param>
[GenerateSerializer, Immutable, Alias("iot.device-tag")]
public sealed record DeviceTag([property: Id(0)] string Key, [property: Id(1)] string Value);
