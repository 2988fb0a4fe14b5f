
namespace IotPlatform.Devices;

/// <summary>A message to be sent to one device.</summary>
/// <param name="MessageId">The caller's own id, or null for one made here.</param>
/// <param name="Name">For the caller's bookkeeping.</param>
/// <param name="Payload">What the device gets.</param>
/// <param name="Topic">Null for the device's own message topic, which needs no subscription.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="TimeToLive">After which it ends as timed out; zero: delivered now or failed.</param>
[GenerateSerializer, Immutable, Alias("iot.send-device-message")]
public sealed record SendDeviceMessage(
    [property: Id(0)] string? MessageId,
    [property: Id(1)] string Name,
    [property: Id(2)] ReadOnlyMemory<byte> Payload,
    [property: Id(3)] string? Topic,
    [property: Id(4)] int QoS,
    [property: Id(5)] TimeSpan TimeToLive);
