namespace IotPlatform.Broadcasts;

/// <summary>One broadcast on its way.</summary>
/// <param name="MessageId">Unique in this installation; in the topic of every copy.</param>
/// <param name="ProductKey">Whose devices get it.</param>
/// <param name="Topic">Null: every online device, each on its own topic.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="Payload">What the devices get.</param>
/// <param name="Filter">Which of the devices get it; null: all.</param>
/// <param name="Properties">Content type and user properties as MQTT 5.0 encodes them, without their length in front; 3.1.1 clients get none.</param>
/// <param name="StaleAt">When nobody is to be written to any more, and what 5.0 clients are told as its expiry; null: never.</param>
/// <param name="ExpiresAt">Until when devices that come online get it too; null: only those that are online.</param>
/// <param name="MaxRate">Deliveries a second; 0: as fast as can be.</param>
/// <param name="IsLate">It was sent before, and its gateway has only come since: whoever is connected to it is late.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-message")]
public sealed record BroadcastMessage(
    [property: Id(0)] long MessageId,
    [property: Id(1)] string ProductKey,
    [property: Id(2)] string? Topic,
    [property: Id(3)] int QoS,
    [property: Id(4)] ReadOnlyMemory<byte> Payload,
    [property: Id(5)] BroadcastFilter? Filter = null,
    [property: Id(6)] ReadOnlyMemory<byte> Properties = default,
    [property: Id(7)] DateTimeOffset? StaleAt = null,
    [property: Id(8)] DateTimeOffset? ExpiresAt = null,
    [property: Id(9)] int MaxRate = 0,
    [property: Id(10)] bool IsLate = false)
{
    /// <summary>Whether it goes on after the devices that are online have been written to: its root then follows it, and gateways remember it until they are told otherwise.</summary>
    public bool IsLasting => QoS > 0 || ExpiresAt is not null || MaxRate > 0;
}
