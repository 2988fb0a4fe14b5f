namespace IotPlatform.Sessions;

/// <summary>A QoS 2 message that a client has sent and not released: a second copy of it is not a second message.</summary>
/// <param name="PacketId">Its packet identifier.</param>
/// <param name="PublishId">What all copies of it are known by.</param>
/// <param name="IsRouted">It has reached everybody; otherwise that is to be done, or done again.</param>
[GenerateSerializer, Immutable, Alias("iot.received-message")]
public sealed record ReceivedMessage([property: Id(0)] int PacketId, [property: Id(1)] long PublishId, [property: Id(2)] bool IsRouted);
