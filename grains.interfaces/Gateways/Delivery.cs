
namespace IotPlatform.Gateways;

/// <summary>One message for one connection.</summary>
/// <param name="MessageId">Named in the acknowledgement.</param>
/// <param name="Topic">The topic it goes out on.</param>
/// <param name="Payload">What the device gets.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="IsDuplicate">It has been written before: sets the DUP flag.</param>
/// <param name="NeedsSubscription">Written only when the device is subscribed to the topic.</param>
[GenerateSerializer, Immutable, Alias("iot.delivery")]
public sealed record Delivery(
    [property: Id(0)] string MessageId,
    [property: Id(1)] string Topic,
    [property: Id(2)] ReadOnlyMemory<byte> Payload,
    [property: Id(3)] int QoS,
    [property: Id(4)] bool IsDuplicate,
    [property: Id(5)] bool NeedsSubscription);
