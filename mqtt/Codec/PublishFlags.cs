namespace IotPlatform.Mqtt.Codec;

/// <summary>The flags of a PUBLISH (section 3.3.1).</summary>
/// <param name="QoS">The delivery promise.</param>
/// <param name="Retain">Whether the message is, or was, retained.</param>
/// <param name="Dup">Whether this may be a second attempt; never with QoS 0 [MQTT-3.3.1-2].</param>
public readonly record struct PublishFlags(QoS QoS, bool Retain = false, bool Dup = false)
{
    private const byte RetainBit = 0b0001;
    private const byte DupBit = 0b1000;

    /// <summary>Bits 3 to 0 of the first byte: DUP, QoS (two bits), RETAIN.</summary>
    public byte Bits => (byte)((Dup ? DupBit : 0) | ((byte)QoS << 1) | (Retain ? RetainBit : 0));

    /// <summary>Reads bits that passed <see cref="IsValid"/>.</summary>
    public static PublishFlags FromBits(byte bits) => new((QoS)((bits >> 1) & 0b11), (bits & RetainBit) != 0, (bits & DupBit) != 0);

    /// <summary>Whether the bits form a valid combination.</summary>
    public static bool IsValid(byte bits)
    {
        var qos = (bits >> 1) & 0b11;

        // [MQTT-3.3.1-4] never both QoS bits; [MQTT-3.3.1-2] no DUP with QoS 0.
        return bits <= 0x0F && qos != 3 && (qos != 0 || (bits & DupBit) == 0);
    }
}
