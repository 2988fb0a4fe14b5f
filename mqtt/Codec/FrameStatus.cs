namespace IotPlatform.Mqtt.Codec;

/// <summary>What the bytes at hand say about the next packet.</summary>
public enum FrameStatus : byte
{
    /// <summary>Nothing is wrong so far; read more bytes and ask again.</summary>
    NeedMore = 0,

    /// <summary>The whole packet is in the buffer.</summary>
    Complete = 1,

    /// <summary>No valid packet starts with these bytes: <see cref="ReasonCode.MalformedPacket"/>.</summary>
    Malformed = 2,

    /// <summary>The packet is longer than allowed: <see cref="ReasonCode.PacketTooLarge"/>.</summary>
    TooLarge = 3,
}
