using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Mqtt.Tests.Support;

/// <summary>A PUBLISH as a value that outlives the bytes it was read from.</summary>
internal sealed record PublishValue
{
    public string Topic { get; init; } = "";

    public byte[] Payload { get; init; } = [];

    public QoS QoS { get; init; }

    public bool Retain { get; init; }

    public bool Dup { get; init; }

    public ushort PacketId { get; init; }

    public bool? PayloadFormatIndicator { get; init; }

    public uint? MessageExpiryInterval { get; init; }

    public string? ContentType { get; init; }

    public string? ResponseTopic { get; init; }

    public byte[]? CorrelationData { get; init; }

    public IReadOnlyList<uint> SubscriptionIdentifiers { get; init; } = [];

    public ushort? TopicAlias { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public static PublishValue Of(in PublishPacket packet)
    {
        var properties = packet.Properties;
        var identifiers = new List<uint>();
        foreach (var property in properties.SubscriptionIdentifiers)
        {
            identifiers.Add(property.Number);
        }

        var users = new List<UserProperty>();
        foreach (var property in properties.UserProperties)
        {
            users.Add(new UserProperty(Text(property.Name), Text(property.Bytes)));
        }

        return new PublishValue
        {
            Topic = Text(packet.Topic),
            Payload = packet.Payload.ToArray(),
            QoS = packet.QoS,
            Retain = packet.Retain,
            Dup = packet.Dup,
            PacketId = packet.PacketId,
            PayloadFormatIndicator = properties.PayloadFormatIndicator,
            MessageExpiryInterval = properties.MessageExpiryInterval,
            ContentType = properties.HasContentType ? Text(properties.ContentType) : null,
            ResponseTopic = properties.ResponseTopic.IsEmpty ? null : Text(properties.ResponseTopic),
            CorrelationData = properties.HasCorrelationData ? properties.CorrelationData.ToArray() : null,
            SubscriptionIdentifiers = identifiers,
            TopicAlias = properties.TopicAlias,
            UserProperties = users,
        };
    }

    public byte[] Encode(ProtocolVersion version)
    {
        var buffer = new byte[64 * 1024];
        var properties = new PacketWriter(buffer);
        WriteProperties(ref properties);
        var topic = System.Text.Encoding.UTF8.GetBytes(Topic).AsSpan();
        var bytes = new byte[PublishWriter.Size(version, QoS, new TopicParts(topic), properties.Written, Payload.Length)];
        var length = PublishWriter.Write(
            bytes, version, new PublishFlags(QoS, Retain, Dup), new TopicParts(topic), PacketId, properties.Written, Payload);
        Assert.Equal(bytes.Length, length);
        return bytes;
    }

    public void WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.PayloadFormatIndicator, PayloadFormatIndicator);
        writer.WriteProperty(PropertyId.MessageExpiryInterval, MessageExpiryInterval);
        writer.WriteProperty(PropertyId.ContentType, ContentType);
        writer.WriteProperty(PropertyId.ResponseTopic, ResponseTopic);
        if (CorrelationData is not null)
        {
            writer.WriteProperty(PropertyId.CorrelationData, CorrelationData.AsSpan());
        }

        foreach (var identifier in SubscriptionIdentifiers)
        {
            writer.WriteProperty(PropertyId.SubscriptionIdentifier, identifier);
        }

        writer.WriteProperty(PropertyId.TopicAlias, TopicAlias);
        writer.WriteUserProperties(UserProperties);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);
}
