namespace IotPlatform.Sessions;

/// <summary>How much may wait for one session.</summary>
/// <param name="MessagesMax">QoS 1 and 2 messages that wait to be sent.</param>
/// <param name="BytesMax">Bytes of their topics, payloads and properties.</param>
/// <param name="DropsOldest">Whether a message too many drops the oldest that waits, and not itself.</param>
[GenerateSerializer, Immutable, Alias("iot.session-bounds")]
public sealed record SessionBounds([property: Id(0)] int MessagesMax, [property: Id(1)] long BytesMax, [property: Id(2)] bool DropsOldest);
