using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Delivery;

/// <summary>A message on one topic: what a device published, or a service sent to one device.</summary>
/// <param name="topic">The topic's name.</param>
/// <param name="properties">MQTT 5.0 properties that travel with the message, encoded; 3.1.1 receivers do not get them.</param>
/// <param name="payload">What the device gets.</param>
/// <param name="qos">As published.</param>
/// <param name="expiry">When it ends by itself; null: never.</param>
internal class RoutedMessage(
    ReadOnlyMemory<byte> topic, ReadOnlyMemory<byte> properties, ReadOnlyMemory<byte> payload, QoS qos, Expiry? expiry) : OutboundMessage(qos)
{
    public RoutedMessage(string topic, ReadOnlyMemory<byte> payload, QoS qos)
        : this(Encoding.UTF8.GetBytes(topic), default, payload, qos, expiry: null)
    {
    }

    public override int Bytes => topic.Length + properties.Length + payload.Length;

    public override bool IsExpired => expiry?.HasPassed == true;

    public override ReadOnlySpan<byte> SharedTopic => topic.Span;

    public ReadOnlyMemory<byte> Topic => topic;

    public ReadOnlyMemory<byte> Properties => properties;

    public ReadOnlyMemory<byte> Payload => payload;

    public Expiry? Expiry => expiry;

    public override int Size(in CopyParts copy, QoS grantedQoS)
    {
        Span<byte> left = stackalloc byte[MessageExpiry.Bytes];
        return PublishWriter.Size(copy.Version, grantedQoS, TopicFor(copy), PropertiesFor(copy, left), payload.Length);
    }

    public override int Write(Span<byte> destination, in CopyParts copy, PublishFlags flags, ushort packetId)
    {
        Span<byte> left = stackalloc byte[MessageExpiry.Bytes];
        return PublishWriter.Write(destination, copy.Version, flags, TopicFor(copy), packetId, PropertiesFor(copy, left), payload.Span);
    }

    private ReadOnlySpan<byte> TopicFor(in CopyParts copy) => copy.OmitsTopic ? default : topic.Span;

    // [MQTT-3.3.2-6]
    private PropertyParts PropertiesFor(in CopyParts copy, Span<byte> left) =>
        new(properties.Span, copy.Properties, expiry is null ? default : MessageExpiry.Write(left, expiry.Left));
}
