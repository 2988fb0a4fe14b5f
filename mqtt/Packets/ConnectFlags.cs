using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>The Connect Flags byte (section 3.1.2.3): user name, password, will retain, will QoS (two bits), will, clean start, reserved.</summary>
internal readonly record struct ConnectFlags(byte Bits)
{
    public bool IsReservedSet => (Bits & 0b0000_0001) != 0;

    public bool CleanStart => (Bits & 0b0000_0010) != 0;

    public bool HasWill => (Bits & 0b0000_0100) != 0;

    public QoS WillQoS => (QoS)((Bits >> 3) & 0b11);

    public bool WillRetain => (Bits & 0b0010_0000) != 0;

    public bool HasPassword => (Bits & 0b0100_0000) != 0;

    public bool HasUserName => (Bits & 0b1000_0000) != 0;

    public static ConnectFlags Of(ConnectPacket packet)
    {
        var will = packet.Will is { } message ? 0b0000_0100 | ((byte)message.QoS << 3) | (message.Retain ? 0b0010_0000 : 0) : 0;
        var login = (packet.UserName is null ? 0 : 0b1000_0000) | (packet.Password is null ? 0 : 0b0100_0000);
        return new ConnectFlags((byte)(will | login | (packet.CleanStart ? 0b0000_0010 : 0)));
    }

    public static ConnectFlags Read(ref PacketReader reader, ProtocolVersion version)
    {
        var flags = new ConnectFlags(reader.ReadByte());
        reader.Require(flags.IsValid(version), ReasonCode.MalformedPacket);
        return flags;
    }

    private bool IsValid(ProtocolVersion version)
        => !IsReservedSet // [MQTT-3.1.2-3]
        && WillQoS <= QoS.ExactlyOnce // [MQTT-3.1.2-12] ([MQTT-3.1.2-14] in 3.1.1)
        && (HasWill || (WillQoS == QoS.AtMostOnce && !WillRetain)) // [MQTT-3.1.2-11], [MQTT-3.1.2-13]
        && (version == ProtocolVersion.Mqtt500 || HasUserName || !HasPassword); // [MQTT-3.1.2-22] of 3.1.1
}
