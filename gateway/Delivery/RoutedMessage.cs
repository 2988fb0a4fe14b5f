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
internal sealed class RoutedMessage(ReadOnlyMemory<byte> topic, ReadOnlyMemory<byte> properties, ReadOnlyMemory<byte> payload, QoS qos) : OutboundMessage(qos)
{
    public RoutedMessage(string topic, ReadOnlyMemory<byte> payload, QoS qos)
        : this(Encoding.UTF8.GetBytes(topic), default, payload, qos)
    {
    }

    public override int Bytes => topic.Length + properties.Length + payload.Length;

    public ReadOnlySpan<byte> Topic => topic.Span;

    public override int Size(ProtocolVersion version, QoS grantedQoS, ReadOnlySpan<byte> deviceName) =>
        PublishWriter.Size(version, grantedQoS, topic.Span, properties.Span, payload.Length);

    public override int Write(Span<byte> destination, ProtocolVersion version, PublishFlags flags, ushort packetId, ReadOnlySpan<byte> deviceName) =>
        PublishWriter.Write(destination, version, flags, topic.Span, packetId, properties.Span, payload.Span);
}
