namespace IotPlatform.Devices;

/// <summary>
/// What is published when a device is lost (MQTT 5.0 section 3.1.2.5). The device's gateway does that, or its grain when the gateway itself is lost.
/// </summary>
/// <param name="Topic">The will topic.</param>
/// <param name="Payload">The will payload.</param>
/// <param name="Properties">MQTT 5.0 properties that travel with it, encoded.</param>
/// <param name="QoS">0 to 2.</param>
/// <param name="Retain">Whether it is to be retained.</param>
[GenerateSerializer, Immutable, Alias("iot.device-will")]
public sealed record DeviceWill(
    [property: Id(0)] string Topic,
    [property: Id(1)] ReadOnlyMemory<byte> Payload,
    [property: Id(2)] ReadOnlyMemory<byte> Properties,
    [property: Id(3)] int QoS,
    [property: Id(4)] bool Retain);
