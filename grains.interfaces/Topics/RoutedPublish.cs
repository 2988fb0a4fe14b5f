using System.Collections.Immutable;

namespace IotPlatform.Topics;

/// <summary>A publish on its way to another gateway's sessions.</summary>
/// <param name="Topic">The topic's name in UTF-8.</param>
/// <param name="Payload">What it says.</param>
/// <param name="Properties">MQTT 5.0 properties that travel with it, encoded.</param>
/// <param name="QoS">As published.</param>
/// <param name="Retain">The RETAIN flag, as published.</param>
/// <param name="Shares">The shared subscriptions, as <c>$share/{name}/{filter}</c>, that this gateway is to serve; others it leaves alone.</param>
/// <param name="SharesOnly">It is for the shared subscriptions alone: the others have it.</param>
/// <param name="ServedElsewhere">
/// Where the sending gateway does not know just now what this one is interested in: the shared subscriptions that others serve; this one serves all others that have
/// members here. Null where it knows.
/// </param>
/// <param name="ExpiresAt">When it ends (Message Expiry Interval); null: never.</param>
/// <param name="PublishId">What all copies of a QoS 2 message are known by; 0 where there are no others.</param>
[GenerateSerializer, Immutable, Alias("iot.routed-publish")]
public sealed record RoutedPublish(
    [property: Id(0)] ReadOnlyMemory<byte> Topic,
    [property: Id(1)] ReadOnlyMemory<byte> Payload,
    [property: Id(2)] ReadOnlyMemory<byte> Properties,
    [property: Id(3)] int QoS,
    [property: Id(4)] bool Retain,
    [property: Id(5)] ImmutableArray<string> Shares,
    [property: Id(6)] bool SharesOnly,
    [property: Id(7)] ImmutableArray<string>? ServedElsewhere,
    [property: Id(8)] DateTimeOffset? ExpiresAt,
    [property: Id(9)] long PublishId);
