
namespace IotPlatform.Topics;

/// <summary>The last message with RETAIN that was published to a topic (MQTT 5.0 section 3.3.1.3).</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Payload">What it says; never empty, because an empty one clears the topic.</param>
/// <param name="QoS">0 to 2, as published.</param>
/// <param name="Properties">MQTT 5.0 properties that travel with the message, encoded; empty for none.</param>
/// <param name="StoredAt">When it was published.</param>
/// <param name="ExpiresAt">When it ends by itself (MQTT 5.0 Message Expiry Interval); null: never.</param>
[GenerateSerializer, Immutable, Alias("iot.retained-message")]
public sealed record RetainedMessage(
    [property: Id(0)] string Topic,
    [property: Id(1)] ReadOnlyMemory<byte> Payload,
    [property: Id(2)] int QoS,
    [property: Id(3)] ReadOnlyMemory<byte> Properties,
    [property: Id(4)] DateTimeOffset StoredAt,
    [property: Id(5)] DateTimeOffset? ExpiresAt);
