namespace IotPlatform.Mqtt.Packets;

/// <summary>The options of one subscription (section 3.8.3.1); MQTT 3.1.1 has the QoS only.</summary>
/// <param name="QoS">The highest QoS at which messages are wanted.</param>
/// <param name="NoLocal">Whether messages of the same client are unwanted.</param>
/// <param name="RetainAsPublished">Whether forwarded messages keep their RETAIN flag.</param>
/// <param name="RetainHandling">Whether retained messages are sent at the start.</param>
public readonly record struct SubscriptionOptions(
    QoS QoS, bool NoLocal = false, bool RetainAsPublished = false, RetainHandling RetainHandling = RetainHandling.Send)
{
    private const int NoLocalBit = 0b0000_0100;
    private const int RetainAsPublishedBit = 0b0000_1000;
    private const int ReservedBits500 = 0b1100_0000;
    private const int ReservedBits311 = 0b1111_1100;

    /// <summary>The options byte on the wire.</summary>
    public byte Bits => (byte)((byte)QoS | (NoLocal ? NoLocalBit : 0) | (RetainAsPublished ? RetainAsPublishedBit : 0) | ((byte)RetainHandling << 4));

    /// <summary>Reads the options byte.</summary>
    public static bool TryRead(byte bits, ProtocolVersion version, out SubscriptionOptions options, out ReasonCode error)
    {
        options = new SubscriptionOptions(
            (QoS)(bits & 0b11), (bits & NoLocalBit) != 0, (bits & RetainAsPublishedBit) != 0, (RetainHandling)((bits >> 4) & 0b11));
        error = Judge(bits, version, options);
        return error == ReasonCode.Success;
    }

    private static ReasonCode Judge(byte bits, ProtocolVersion version, SubscriptionOptions options)
    {
        var isQoSValid = options.QoS <= QoS.ExactlyOnce;
        if (version == ProtocolVersion.Mqtt311)
        {
            // [MQTT-3.8.3-4] of 3.1.1 treats reserved bits and a QoS of 3 alike.
            return (bits & ReservedBits311) == 0 && isQoSValid ? ReasonCode.Success : ReasonCode.MalformedPacket;
        }

        // [MQTT-3.8.3-5]; section 3.8.3.1 calls a QoS or a retain handling of 3 a protocol error.
        return (bits & ReservedBits500) != 0 ? ReasonCode.MalformedPacket
            : isQoSValid && options.RetainHandling <= RetainHandling.DoNotSend ? ReasonCode.Success
            : ReasonCode.ProtocolError;
    }
}
