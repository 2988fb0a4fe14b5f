using System.Diagnostics.CodeAnalysis;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>The server's answer to a SUBSCRIBE (section 3.9).</summary>
public sealed class SubAckPacket : ControlPacket
{
    /// <inheritdoc/>
    public override PacketType Type => PacketType.SubAck;

    /// <summary>The packet identifier of the SUBSCRIBE.</summary>
    public required ushort PacketId { get; init; }

    /// <summary>One code for each subscription, in their order [MQTT-3.9.3-1]. In 3.1.1 every failure is written as 0x80.</summary>
    public required IReadOnlyList<ReasonCode> ReasonCodes { get; init; }

    /// <summary>Diagnostic text for people, or null.</summary>
    public string? ReasonString { get; init; }

    /// <summary>Reads the body of a SUBACK.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> body, byte flags, ProtocolVersion version, [NotNullWhen(true)] out SubAckPacket? packet, out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(FixedHeader.HasValidFlags(PacketType.SubAck, flags), ReasonCode.MalformedPacket);
        var packetId = reader.ReadPacketId();
        var properties = version == ProtocolVersion.Mqtt500 ? reader.ReadProperties(PropertyScope.SubAck) : default;
        packet = new SubAckPacket
        {
            PacketId = packetId,
            ReasonString = properties.Text(PropertyId.ReasonString),
            UserProperties = properties.UserProperties(),
            ReasonCodes = ReadReasonCodes(ref reader, version),
        };
        if (reader.TryFinish(out error))
        {
            return true;
        }

        packet = null;
        return false;
    }

    private protected override void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketId);
        WritePropertiesOf(ref writer, version);
        for (var i = 0; i < ReasonCodes.Count; i++)
        {
            var code = version == ProtocolVersion.Mqtt311 && ReasonCodes[i].IsFailure() ? ReasonCode.UnspecifiedError : ReasonCodes[i];
            writer.WriteByte((byte)code);
        }
    }

    private protected override void WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.ReasonString, ReasonString);
        writer.WriteUserProperties(UserProperties);
    }

    private static ReasonCode[] ReadReasonCodes(ref PacketReader reader, ProtocolVersion version)
    {
        // Each SUBSCRIBE has at least one filter, and each filter has a code.
        reader.Require(!reader.IsAtEnd, ReasonCode.ProtocolError);
        var codes = new ReasonCode[reader.Remaining];
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (ReasonCode)reader.ReadByte();

            // [MQTT-3.9.3-2]; 3.1.1 has 0, 1, 2 and 0x80 only [MQTT-3.9.3-2].
            var isAllowed = codes[i].IsAllowedIn(PacketType.SubAck, Sender.Server)
                && (version == ProtocolVersion.Mqtt500 || codes[i] <= ReasonCode.UnspecifiedError);
            reader.Require(isAllowed, ReasonCode.ProtocolError);
        }

        return codes;
    }
}
