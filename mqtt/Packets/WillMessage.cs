using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>The message that a server publishes when a connection ends without a DISCONNECT (sections 3.1.2.5 and 3.1.3.2).</summary>
public sealed class WillMessage : IPropertyOwner
{
    /// <summary>The topic name to publish to.</summary>
    public required string Topic { get; init; }

    /// <summary>The payload to publish.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The delivery promise to publish with.</summary>
    public QoS QoS { get; init; }

    /// <summary>Whether the message is to be retained.</summary>
    public bool Retain { get; init; }

    /// <summary>Seconds between the end of the connection and the will; absent means 0.</summary>
    public uint? DelayInterval { get; init; }

    /// <summary>Whether the payload is UTF-8 text.</summary>
    public bool? PayloadFormatIndicator { get; init; }

    /// <summary>Seconds for which the message may be delivered, counted from its publication; absent means for ever.</summary>
    public uint? MessageExpiryInterval { get; init; }

    /// <summary>The content type of the payload, or null.</summary>
    public string? ContentType { get; init; }

    /// <summary>Where a response is wanted, or null.</summary>
    public string? ResponseTopic { get; init; }

    /// <summary>What a response must repeat, or null.</summary>
    public ReadOnlyMemory<byte>? CorrelationData { get; init; }

    /// <summary>The user properties in their order.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    /// <summary>
    /// The properties of the PUBLISH that this will becomes, encoded without the length in front: as its client would have sent it, with Message Expiry Interval
    /// and without Will Delay Interval.
    /// </summary>
    public byte[] EncodePublishProperties()
    {
        var measure = PacketWriter.Measuring();
        WritePublishProperties(ref measure);
        var bytes = new byte[measure.Position];
        var writer = new PacketWriter(bytes);
        WritePublishProperties(ref writer);
        return bytes;
    }

    void IPropertyOwner.WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.PayloadFormatIndicator, PayloadFormatIndicator);
        writer.WriteProperty(PropertyId.MessageExpiryInterval, MessageExpiryInterval);
        writer.WriteProperty(PropertyId.ContentType, ContentType);
        writer.WriteProperty(PropertyId.ResponseTopic, ResponseTopic);
        writer.WriteProperty(PropertyId.CorrelationData, CorrelationData);
        writer.WriteProperty(PropertyId.WillDelayInterval, DelayInterval);
        writer.WriteUserProperties(UserProperties);
    }

    internal static WillMessage Read(ref PacketReader reader, ProtocolVersion version, QoS qos, bool retain)
    {
        var properties = version == ProtocolVersion.Mqtt500 ? reader.ReadProperties(PropertyScope.Will) : default;
        return new WillMessage
        {
            QoS = qos,
            Retain = retain,
            DelayInterval = properties.Number(PropertyId.WillDelayInterval),
            PayloadFormatIndicator = properties.Flag(PropertyId.PayloadFormatIndicator),
            MessageExpiryInterval = properties.Number(PropertyId.MessageExpiryInterval),
            ContentType = properties.Text(PropertyId.ContentType),
            ResponseTopic = properties.Text(PropertyId.ResponseTopic),
            CorrelationData = properties.Binary(PropertyId.CorrelationData),
            UserProperties = properties.UserProperties(),
            Topic = Utf8Text.Encoding.GetString(reader.ReadTopicName()),
            Payload = reader.ReadBinary().ToArray(),
        };
    }

    internal void Write(ref PacketWriter writer, ProtocolVersion version)
    {
        if (version == ProtocolVersion.Mqtt500)
        {
            writer.WriteProperties(this);
        }

        writer.WriteString(Topic);
        writer.WriteBinary(Payload.Span);
    }

    private void WritePublishProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.PayloadFormatIndicator, PayloadFormatIndicator);
        writer.WriteProperty(PropertyId.MessageExpiryInterval, MessageExpiryInterval);
        writer.WriteProperty(PropertyId.ContentType, ContentType);
        writer.WriteProperty(PropertyId.ResponseTopic, ResponseTopic);
        writer.WriteProperty(PropertyId.CorrelationData, CorrelationData);
        writer.WriteUserProperties(UserProperties);
    }
}
