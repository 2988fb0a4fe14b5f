using System.Text;
using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Topics;

namespace IotPlatform.Routing;

/// <summary>A publish that is not routed at once, and so owns its bytes.</summary>
internal sealed class KeptPublish
{
    private readonly ReadOnlyMemory<byte> _topic;
    private readonly ReadOnlyMemory<byte> _properties;
    private readonly ReadOnlyMemory<byte> _payload;
    private readonly PublishFlags _flags;

    public KeptPublish(in PublishPacket packet, TimeProvider time)
    {
        var properties = packet.Properties.Encoded;
        var block = new byte[packet.Topic.Length + properties.Length + packet.Payload.Length];
        packet.Topic.CopyTo(block);
        properties.CopyTo(block.AsSpan(packet.Topic.Length));
        packet.Payload.CopyTo(block.AsSpan(packet.Topic.Length + properties.Length));
        _topic = block.AsMemory(0, packet.Topic.Length);
        _properties = block.AsMemory(packet.Topic.Length, properties.Length);
        _payload = block.AsMemory(packet.Topic.Length + properties.Length);
        _flags = packet.Flags;
        Expiry = Expiry.In(packet.Properties.MessageExpiryInterval, time);
    }

    /// <summary>When it ends; null: never.</summary>
    public Expiry? Expiry { get; }

    public bool Retain => _flags.Retain;

    /// <summary>As it was published.</summary>
    public PublishPacket ToPacket() => new()
    {
        Topic = _topic.Span,
        Payload = _payload.Span,
        Properties = Properties,
        Flags = _flags,
    };

    /// <summary>What it changes about what is retained.</summary>
    /// <param name="now">When it was published.</param>
    /// <param name="clearsWhenRefused">See <see cref="RetainedChange.ClearsWhenRefused"/>.</param>
    public RetainedChange ToChange(DateTimeOffset now, bool clearsWhenRefused)
    {
        var topic = Encoding.UTF8.GetString(_topic.Span);

        // [MQTT-3.3.1-6], [MQTT-3.3.1-7] An empty payload is never retained: it ends what was.
        return new RetainedChange(topic, _payload.IsEmpty ? null : ToRetained(topic, now), clearsWhenRefused);
    }

    // They were read before.
    private PublishProperties Properties =>
        PublishProperties.TryParse(_properties.Span, Sender.Client, out var properties, out _) ? properties : default;

    private RetainedMessage ToRetained(string topic, DateTimeOffset now)
    {
        var properties = Properties;
        var forwarded = _properties;
        if (!properties.IsForwardedAsIs)
        {
            var copy = new byte[properties.ForwardedSize];
            properties.CopyForwarded(copy);
            forwarded = copy;
        }

        return new RetainedMessage(topic, _payload, (int)_flags.QoS, forwarded, now, Expiry?.At);
    }
}
