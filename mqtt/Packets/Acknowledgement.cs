using System.Diagnostics;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// PUBACK, PUBREC, PUBREL and PUBCOMP, which have one form (sections 3.4 to 3.7). A view of the bytes it was read from; it allocates nothing.
/// </summary>
public readonly ref struct Acknowledgement
{
    /// <summary>Bytes that hold every packet <see cref="Write(Span{byte}, PacketType, ushort, ReasonCode, ProtocolVersion)"/> can write.</summary>
    public const int BytesMax = 5;

    /// <summary>Which of the four it is.</summary>
    public PacketType Type { get; init; }

    /// <summary>The packet identifier of the PUBLISH that this is about; never 0.</summary>
    public ushort PacketId { get; init; }

    /// <summary>The outcome; always a success in 3.1.1.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>Reason string and user properties; MQTT 5.0 only.</summary>
    public PropertyBlock Properties { get; init; }

    /// <summary>Reads the body of one of the four packets.</summary>
    public static bool TryRead(
        PacketType type, ReadOnlySpan<byte> body, byte flags, ProtocolVersion version, out Acknowledgement packet, out ReasonCode error)
    {
        Debug.Assert(IsAcknowledgement(type), "only PUBACK, PUBREC, PUBREL and PUBCOMP have this form");
        var reader = new PacketReader(body);
        reader.Require(FixedHeader.HasValidFlags(type, flags), ReasonCode.MalformedPacket);
        var packetId = reader.ReadPacketId();
        var code = ReasonCode.Success;
        PropertyBlock properties = default;
        if (version == ProtocolVersion.Mqtt500 && !reader.IsAtEnd)
        {
            // Section 3.4.2.1: the reason code may be left out when it is Success, and the property length when there are no properties.
            code = (ReasonCode)reader.ReadByte();
            reader.Require(code.IsAllowedIn(type, Sender.Client), ReasonCode.ProtocolError);
            properties = reader.IsAtEnd ? default : reader.ReadProperties((PropertyScope)(1 << (int)type));
        }

        packet = new Acknowledgement { Type = type, PacketId = packetId, ReasonCode = code, Properties = properties };
        if (reader.TryFinish(out error))
        {
            return true;
        }

        packet = default;
        return false;
    }

    /// <summary>Bytes of an acknowledgement without properties: 4, or 5 when MQTT 5.0 has a reason other than success to tell.</summary>
    public static int Size(ReasonCode code, ProtocolVersion version)
        => code == ReasonCode.Success || version == ProtocolVersion.Mqtt311 ? BytesMax - 1 : BytesMax;

    /// <summary>Writes an acknowledgement without properties in its shortest form and returns its length, see <see cref="Size"/>.</summary>
    public static int Write(Span<byte> destination, PacketType type, ushort packetId, ReasonCode code, ProtocolVersion version)
    {
        Debug.Assert(IsAcknowledgement(type) && packetId != 0, "[MQTT-2.2.1-5]");
        var size = Size(code, version);
        destination[0] = FirstByte(type);
        destination[1] = (byte)(size - 2);
        destination[2] = (byte)(packetId >> 8);
        destination[3] = (byte)packetId;
        if (size == BytesMax)
        {
            destination[4] = (byte)code;
        }

        return size;
    }

    /// <summary>Bytes of the whole packet.</summary>
    public int EncodedSize(ProtocolVersion version)
    {
        var bodyLength = BodyLength(version);
        return 1 + VariableInteger.Size(bodyLength) + bodyLength;
    }

    /// <summary>Writes the whole packet and returns its length.</summary>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        if (!WritesProperties(version))
        {
            return Write(destination, Type, PacketId, ReasonCode, version);
        }

        var writer = new PacketWriter(destination);
        writer.WriteByte(FirstByte(Type));
        writer.WriteVariableInteger(BodyLength(version));
        writer.WriteUInt16(PacketId);
        writer.WriteByte((byte)ReasonCode);
        writer.WriteVariableInteger(Properties.Encoded.Length);
        writer.WriteBytes(Properties.Encoded);
        return writer.Position;
    }

    private static bool IsAcknowledgement(PacketType type) => type is >= PacketType.PubAck and <= PacketType.PubComp;

    // [MQTT-3.6.1-1] PUBREL alone has the flags 0010.
    private static byte FirstByte(PacketType type) => (byte)(((byte)type << 4) | (type == PacketType.PubRel ? 0b0010 : 0));

    private bool WritesProperties(ProtocolVersion version) => version == ProtocolVersion.Mqtt500 && !Properties.Encoded.IsEmpty;

    private int BodyLength(ProtocolVersion version) => WritesProperties(version)
        ? sizeof(ushort) + sizeof(byte) + VariableInteger.Size(Properties.Encoded.Length) + Properties.Encoded.Length
        : Size(ReasonCode, version) - 2;
}
