namespace IotPlatform.Sessions;

/// <summary>A message for sessions, as it was published.</summary>
/// <param name="Topic">The topic's name in UTF-8.</param>
/// <param name="Payload">What it says.</param>
/// <param name="Properties">MQTT 5.0 properties that travel with it, encoded.</param>
/// <param name="QoS">1 or 2.</param>
/// <param name="IsRetain">The RETAIN flag.</param>
/// <param name="PublishId">What all copies of a QoS 2 message are known by; 0 where there are no others.</param>
/// <param name="ExpiresAt">When it ends (Message Expiry Interval); null: never.</param>
[GenerateSerializer, Immutable, Alias("iot.session-message")]
public sealed record SessionMessage(
    [property: Id(0)] ReadOnlyMemory<byte> Topic,
    [property: Id(1)] ReadOnlyMemory<byte> Payload,
    [property: Id(2)] ReadOnlyMemory<byte> Properties,
    [property: Id(3)] int QoS,
    [property: Id(4)] bool IsRetain,
    [property: Id(5)] long PublishId,
    [property: Id(6)] DateTimeOffset? ExpiresAt)
{
    /// <summary>What it counts for in a session's bound.</summary>
    public int Bytes => Topic.Length + Payload.Length + Properties.Length;
}
