namespace IotPlatform.Mqtt.Codec;

/// <summary>The first two to five bytes of every packet (section 2.1).</summary>
/// <param name="Type">The control packet type.</param>
/// <param name="Flags">Bits 3 to 0 of the first byte.</param>
/// <param name="HeaderLength">Bytes of the fixed header itself.</param>
/// <param name="BodyLength">The Remaining Length: bytes that follow the fixed header.</param>
public readonly record struct FixedHeader(PacketType Type, byte Flags, int HeaderLength, int BodyLength)
{
    /// <summary>Bytes of the whole packet.</summary>
    public int TotalLength => HeaderLength + BodyLength;

    /// <summary>Whether the first byte of a packet is one that the standard allows.</summary>
    public static bool IsValidFirstByte(byte first) => HasValidFlags((PacketType)(first >> 4), (byte)(first & 0x0F));

    /// <summary>Whether the flags are those that the packet type must have [MQTT-2.1.3-1] ([MQTT-2.2.2-2] in 3.1.1).</summary>
    public static bool HasValidFlags(PacketType type, byte flags) => type switch
    {
        PacketType.Publish => PublishFlags.IsValid(flags),
        PacketType.PubRel or PacketType.Subscribe or PacketType.Unsubscribe => flags == 0b0010,
        _ => type is >= PacketType.Connect and <= PacketType.Auth && flags == 0,
    };
}
