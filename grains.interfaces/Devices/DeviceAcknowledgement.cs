namespace IotPlatform.Devices;

/// <summary>What one device acknowledged.</summary>
[GenerateSerializer, Immutable, Alias("iot.device-acknowledgement")]
public readonly record struct DeviceAcknowledgement([property: Id(0)] DeviceId Device, [property: Id(1)] AcknowledgeRequest Request);
