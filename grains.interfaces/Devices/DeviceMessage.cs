
namespace IotPlatform.Devices;

/// <summary>A message to one device, with its life so far.</summary>
/// <param name="Device">The device.</param>
/// <param name="MessageId">Unique by device.</param>
/// <param name="Sequence">Its place in the order of the device's messages.</param>
/// <param name="Name">For the caller's bookkeeping.</param>
/// <param name="Payload">What the device gets.</param>
/// <param name="Topic">The topic it goes out on.</param>
/// <param name="NeedsSubscription">Whether the device gets it only while subscribed to the topic.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="ExpiresAt">When its time to live ends it.</param>
/// <param name="Progress">How far it has come.</param>
[GenerateSerializer, Immutable, Alias("iot.device-message")]
public sealed record DeviceMessage(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] string MessageId,
    [property: Id(2)] long Sequence,
    [property: Id(3)] string Name,
    [property: Id(4)] ReadOnlyMemory<byte> Payload,
    [property: Id(5)] string Topic,
    [property: Id(6)] bool NeedsSubscription,
    [property: Id(7)] int QoS,
    [property: Id(8)] DateTimeOffset CreatedAt,
    [property: Id(9)] DateTimeOffset ExpiresAt,
    [property: Id(10)] MessageProgress Progress)
{
    /// <summary>Whether the same request made this message: then a repeated call is answered with it.</summary>
    public bool IsSameAs(DeviceMessage other) =>
        Name == other.Name
        && Topic == other.Topic
        && QoS == other.QoS
        && ExpiresAt - CreatedAt == other.ExpiresAt - other.CreatedAt
        && Payload.Span.SequenceEqual(other.Payload.Span);
}
