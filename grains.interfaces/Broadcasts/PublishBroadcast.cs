namespace IotPlatform.Broadcasts;

/// <summary>A broadcast to be sent.</summary>
/// <param name="Topic">Null: every online device of the product, each on its own topic. Otherwise the devices subscribed to it.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="Payload">What the devices get.</param>
/// <param name="Filter">Which of the devices get it; null: all.</param>
/// <param name="Properties">Content type and user properties as MQTT 5.0 encodes them, without their length in front.</param>
/// <param name="MessageExpiry">After what time nobody is to be written to any more; null: never.</param>
/// <param name="TimeToLive">For how long devices that come online get it too; zero: only those that are online.</param>
/// <param name="MaxRate">Deliveries a second; 0: as fast as can be.</param>
[GenerateSerializer, Immutable, Alias("iot.publish-broadcast")]
public sealed record PublishBroadcast(
    [property: Id(0)] string? Topic,
    [property: Id(1)] int QoS,
    [property: Id(2)] ReadOnlyMemory<byte> Payload,
    [property: Id(3)] BroadcastFilter? Filter = null,
    [property: Id(4)] ReadOnlyMemory<byte> Properties = default,
    [property: Id(5)] TimeSpan? MessageExpiry = null,
    [property: Id(6)] TimeSpan TimeToLive = default,
    [property: Id(7)] int MaxRate = 0);
