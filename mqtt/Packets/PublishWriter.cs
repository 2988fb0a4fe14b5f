using System.Diagnostics;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// Writes PUBLISH packets from their pieces without allocating. A packet is a head (fixed header, topic, packet identifier) that differs by
/// receiver, and a tail (properties, payload) that all receivers of one message and version may share: a server that fans out encodes the
/// tail once and writes a head for each.
/// </summary>
public static class PublishWriter
{
    /// <summary>Bytes of the whole packet.</summary>
    public static int Size(ProtocolVersion version, QoS qos, TopicParts topic, PropertyParts properties, int payloadLength)
    {
        var tailLength = TailSize(version, properties, payloadLength);
        return HeadSize(qos, topic, tailLength) + tailLength;
    }

    /// <summary>Bytes of the head of a packet whose tail has the given length.</summary>
    public static int HeadSize(QoS qos, TopicParts topic, int tailLength)
        => 1 + VariableInteger.Size(VariableHeaderSize(qos, topic) + tailLength) + VariableHeaderSize(qos, topic);

    /// <summary>Bytes of the tail: in MQTT 5.0 the property length and the properties, then the payload.</summary>
    public static int TailSize(ProtocolVersion version, PropertyParts properties, int payloadLength)
        => version == ProtocolVersion.Mqtt500
            ? VariableInteger.Size(properties.Length) + properties.Length + payloadLength
            : payloadLength;

    /// <summary>Writes the whole packet and returns its length.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <param name="version">The receiver's version; properties are left out in 3.1.1.</param>
    /// <param name="flags">QoS, RETAIN and DUP.</param>
    /// <param name="topic">A valid topic name; in MQTT 5.0 it may be empty when the properties hold an alias.</param>
    /// <param name="packetId">Above 0, or 0 with QoS 0, where it is not written [MQTT-2.2.1-2].</param>
    /// <param name="properties">Encoded, valid properties.</param>
    /// <param name="payload">The application message.</param>
    public static int Write(
        Span<byte> destination,
        ProtocolVersion version,
        PublishFlags flags,
        TopicParts topic,
        ushort packetId,
        PropertyParts properties,
        ReadOnlySpan<byte> payload)
    {
        var headLength = WriteHead(destination, flags, topic, packetId, TailSize(version, properties, payload.Length));
        return headLength + WriteTail(destination[headLength..], version, properties, payload);
    }

    /// <summary>Writes the head of a packet whose tail has the given length, and returns the head's length.</summary>
    public static int WriteHead(Span<byte> destination, PublishFlags flags, TopicParts topic, ushort packetId, int tailLength)
    {
        Debug.Assert(PublishFlags.IsValid(flags.Bits), "[MQTT-3.3.1-2], [MQTT-3.3.1-4]");
        Debug.Assert((packetId == 0) == (flags.QoS == QoS.AtMostOnce), "[MQTT-2.2.1-2], [MQTT-2.2.1-4]");
        var writer = new PacketWriter(destination);
        writer.WriteByte((byte)(((byte)PacketType.Publish << 4) | flags.Bits));
        writer.WriteVariableInteger(VariableHeaderSize(flags.QoS, topic) + tailLength);
        topic.Write(ref writer);
        if (flags.QoS != QoS.AtMostOnce)
        {
            writer.WriteUInt16(packetId);
        }

        return writer.Position;
    }

    /// <summary>Writes the tail and returns its length.</summary>
    public static int WriteTail(Span<byte> destination, ProtocolVersion version, PropertyParts properties, ReadOnlySpan<byte> payload)
    {
        var writer = new PacketWriter(destination);
        if (version == ProtocolVersion.Mqtt500)
        {
            writer.WriteVariableInteger(properties.Length);
            writer.WriteBytes(properties.Own);
            writer.WriteBytes(properties.Expiry);
            writer.WriteBytes(properties.Shared);
        }

        writer.WriteBytes(payload);
        return writer.Position;
    }

    private static int VariableHeaderSize(QoS qos, TopicParts topic)
        => sizeof(ushort) + topic.Length + (qos == QoS.AtMostOnce ? 0 : sizeof(ushort));
}
