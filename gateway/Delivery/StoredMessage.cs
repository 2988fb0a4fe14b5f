using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Topics;

namespace IotPlatform.Delivery;

/// <summary>A retained message on its way to a client. Its payload is shared by all of them; what is left of its time is said when it goes out.</summary>
internal sealed class StoredMessage(RetainedMessage message, TimeProvider time) : OutboundMessage((QoS)message.QoS)
{
    private readonly byte[] _topic = Encoding.UTF8.GetBytes(message.Topic);

    /// <summary>What is retained.</summary>
    public RetainedMessage Message => message;

    public override int Bytes => _topic.Length + message.Properties.Length + message.Payload.Length;

    public override bool IsExpired => message.ExpiresAt <= time.GetUtcNow();

    public override int Size(ProtocolVersion version, QoS grantedQoS, ReadOnlySpan<byte> deviceName)
    {
        Span<byte> expiry = stackalloc byte[MessageExpiry.Bytes];
        return PublishWriter.Size(version, grantedQoS, _topic, PropertiesWith(expiry), message.Payload.Length);
    }

    public override int Write(Span<byte> destination, ProtocolVersion version, PublishFlags flags, ushort packetId, ReadOnlySpan<byte> deviceName)
    {
        Span<byte> expiry = stackalloc byte[MessageExpiry.Bytes];
        return PublishWriter.Write(destination, version, flags, _topic, packetId, PropertiesWith(expiry), message.Payload.Span);
    }

    // [MQTT-3.3.2-6]
    private PropertyParts PropertiesWith(Span<byte> expiry) =>
        new(message.Properties.Span, message.ExpiresAt is { } end ? MessageExpiry.Write(expiry, end - time.GetUtcNow()) : default);
}
