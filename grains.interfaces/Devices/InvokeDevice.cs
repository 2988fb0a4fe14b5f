namespace IotPlatform.Devices;

/// <summary>A request to a device that is online; its caller waits for the answer.</summary>
/// <param name="Payload">What the device gets.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="Timeout">How long the answer is waited for.</param>
/// <param name="Properties">MQTT 5.0 properties that travel with it, encoded; 3.1.1 devices do not get them.</param>
[GenerateSerializer, Immutable, Alias("iot.invoke-device")]
public sealed record InvokeDevice(
    [property: Id(0)] ReadOnlyMemory<byte> Payload,
    [property: Id(1)] int QoS,
    [property: Id(2)] TimeSpan Timeout,
    [property: Id(3)] ReadOnlyMemory<byte> Properties);
