using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Delivery;

/// <summary>
/// A message on its way to devices. Immutable and shared by all its receivers; what differs between them (topic, packet id, flags) is written on the way out.
/// </summary>
internal abstract class OutboundMessage(QoS qos)
{
    /// <summary>As it was published; a subscription may lower it.</summary>
    public QoS QoS => qos;

    /// <summary>What it counts for in a queue's bound.</summary>
    public abstract int Bytes { get; }

    /// <summary>Whether its time is up: then it must not go out any more.</summary>
    public virtual bool IsExpired => false;

    /// <summary>The topic that an alias may stand for; empty where each receiver has its own.</summary>
    public virtual ReadOnlySpan<byte> SharedTopic => default;

    /// <summary>Bytes of the packet.</summary>
    public abstract int Size(in CopyParts copy, QoS grantedQoS);

    /// <summary>Writes the packet.</summary>
    /// <returns>Bytes written.</returns>
    public abstract int Write(Span<byte> destination, in CopyParts copy, PublishFlags flags, ushort packetId);
}
