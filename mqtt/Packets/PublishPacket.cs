using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// An application message (section 3.3). A view of the bytes it was read from, or is to be written from: it allocates nothing, and is valid
/// as long as they are.
/// </summary>
public readonly ref struct PublishPacket
{
    /// <summary>The topic name in UTF-8. Empty in MQTT 5.0 when <see cref="PublishProperties.TopicAlias"/> stands for it.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The application message.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The properties; MQTT 5.0 only.</summary>
    public PublishProperties Properties { get; init; }

    /// <summary>The packet identifier; 0 with QoS 0, which has none.</summary>
    public ushort PacketId { get; init; }

    /// <summary>QoS, RETAIN and DUP together.</summary>
    public PublishFlags Flags { get; init; }

    /// <summary>The delivery promise.</summary>
    public QoS QoS => Flags.QoS;

    /// <summary>Whether the message is to be retained (from a client), or was retained (from a server).</summary>
    public bool Retain => Flags.Retain;

    /// <summary>Whether this may be a second attempt.</summary>
    public bool Dup => Flags.Dup;

    /// <summary>Reads the body of a PUBLISH.</summary>
    /// <remarks>
    /// Refused with <see cref="ReasonCode.TopicNameInvalid"/>: a wildcard in the topic, in 3.1.1 also an empty topic. An empty topic without an alias is a
    /// <see cref="ReasonCode.ProtocolError"/>, an alias of 0 <see cref="ReasonCode.TopicAliasInvalid"/>. Whether an alias is within the maximum, and
    /// known, is the session's to say.
    /// </remarks>
    public static bool TryRead(
        ReadOnlySpan<byte> body, byte flags, ProtocolVersion version, Sender sender, out PublishPacket packet, out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(PublishFlags.IsValid(flags), ReasonCode.MalformedPacket);
        var publishFlags = PublishFlags.FromBits(flags);
        var topic = reader.ReadText();
        var packetId = publishFlags.QoS == QoS.AtMostOnce ? (ushort)0 : reader.ReadPacketId();
        var properties = version == ProtocolVersion.Mqtt500 ? PublishProperties.Read(ref reader, sender) : default;
        reader.CheckTopic(topic, version, properties.HasTopicAlias);
        packet = new PublishPacket
        {
            Topic = topic,
            PacketId = packetId,
            Properties = properties,
            Payload = reader.ReadRest(),
            Flags = publishFlags,
        };
        if (reader.TryFinish(out error))
        {
            return true;
        }

        packet = default;
        return false;
    }

    /// <summary>Bytes of the whole packet.</summary>
    public int EncodedSize(ProtocolVersion version) => PublishWriter.Size(version, QoS, Topic, Properties.Encoded, Payload.Length);

    /// <summary>Writes the whole packet and returns its length.</summary>
    public int Write(Span<byte> destination, ProtocolVersion version)
        => PublishWriter.Write(destination, version, Flags, Topic, PacketId, Properties.Encoded, Payload);
}
