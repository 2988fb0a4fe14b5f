namespace IotPlatform.Broadcasts;

/// <summary>What has become of one device's copy of a QoS 1 broadcast.</summary>
/// <param name="DeviceName">The device.</param>
/// <param name="HasAcknowledged">Whether it has acknowledged; otherwise it got no copy, or its connection ended before it could.</param>
[GenerateSerializer, Immutable, Alias("iot.device-note")]
public readonly record struct DeviceNote([property: Id(0)] string DeviceName, [property: Id(1)] bool HasAcknowledged);
