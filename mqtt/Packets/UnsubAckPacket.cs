using System.Diagnostics.CodeAnalysis;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>The server's answer to an UNSUBSCRIBE (section 3.11).</summary>
public sealed class UnsubAckPacket : ControlPacket
{
    /// <inheritdoc/>
    public override PacketType Type => PacketType.UnsubAck;

    /// <summary>The packet identifier of the UNSUBSCRIBE.</summary>
    public required ushort PacketId { get; init; }

    /// <summary>One code for each filter, in their order [MQTT-3.11.3-1]; 3.1.1 has none, and none are written there.</summary>
    public IReadOnlyList<ReasonCode> ReasonCodes { get; init; } = [];

    /// <summary>Diagnostic text for people, or null.</summary>
    public string? ReasonString { get; init; }

    /// <summary>Reads the body of an UNSUBACK.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> body, byte flags, ProtocolVersion version, [NotNullWhen(true)] out UnsubAckPacket? packet, out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(FixedHeader.HasValidFlags(PacketType.UnsubAck, flags), ReasonCode.MalformedPacket);
        var packetId = reader.ReadPacketId();
        var properties = version == ProtocolVersion.Mqtt500 ? reader.ReadProperties(PropertyScope.UnsubAck) : default;
        packet = new UnsubAckPacket
        {
            PacketId = packetId,
            ReasonString = properties.Text(PropertyId.ReasonString),
            UserProperties = properties.UserProperties(),
            ReasonCodes = version == ProtocolVersion.Mqtt500 ? ReadReasonCodes(ref reader) : [],
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
        for (var i = 0; version == ProtocolVersion.Mqtt500 && i < ReasonCodes.Count; i++)
        {
            writer.WriteByte((byte)ReasonCodes[i]);
        }
    }

    private protected override void WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.ReasonString, ReasonString);
        writer.WriteUserProperties(UserProperties);
    }

    private static ReasonCode[] ReadReasonCodes(ref PacketReader reader)
    {
        // Each UNSUBSCRIBE has at least one filter, and each filter has a code.
        reader.Require(!reader.IsAtEnd, ReasonCode.ProtocolError);
        var codes = new ReasonCode[reader.Remaining];
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (ReasonCode)reader.ReadByte();

            // [MQTT-3.11.3-2]
            reader.Require(codes[i].IsAllowedIn(PacketType.UnsubAck, Sender.Server), ReasonCode.ProtocolError);
        }

        return codes;
    }
}
