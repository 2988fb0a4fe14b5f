using System.Diagnostics.CodeAnalysis;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>A client ends subscriptions (section 3.10).</summary>
public sealed class UnsubscribePacket : ControlPacket
{
    /// <inheritdoc/>
    public override PacketType Type => PacketType.Unsubscribe;

    /// <summary>The packet identifier; never 0.</summary>
    public required ushort PacketId { get; init; }

    /// <summary>The topic filters as they were subscribed to; at least one.</summary>
    public required IReadOnlyList<string> Filters { get; init; }

    private protected override byte Flags => 0b0010;

    /// <summary>Reads the body of an UNSUBSCRIBE.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> body, byte flags, ProtocolVersion version, [NotNullWhen(true)] out UnsubscribePacket? packet, out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(FixedHeader.HasValidFlags(PacketType.Unsubscribe, flags), ReasonCode.MalformedPacket); // [MQTT-3.10.1-1]
        var packetId = reader.ReadPacketId();
        var properties = version == ProtocolVersion.Mqtt500 ? reader.ReadProperties(PropertyScope.Unsubscribe) : default;
        packet = new UnsubscribePacket
        {
            PacketId = packetId,
            UserProperties = properties.UserProperties(),
            Filters = ReadFilters(ref reader, version),
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
        for (var i = 0; i < Filters.Count; i++)
        {
            writer.WriteString(Filters[i]);
        }
    }

    private static List<string> ReadFilters(ref PacketReader reader, ProtocolVersion version)
    {
        // [MQTT-3.10.3-2]
        reader.Require(!reader.IsAtEnd, ReasonCode.ProtocolError);
        var filters = new List<string>();
        while (!reader.IsAtEnd)
        {
            filters.Add(Utf8Text.Encoding.GetString(reader.ReadTopicFilter(version)));
        }

        return filters;
    }
}
