using System.Text;
using IotPlatform.Broadcasts;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Delivery;

/// <summary>
/// A broadcast as it leaves the gateway: all that its receivers share is encoded once. Without a topic of its own, each receiver's copy names that
/// receiver: <c>/sys/{productKey}/{deviceName}/broadcast/request/{messageId}</c>. Source: Alibaba Cloud IoT, PubBroadcast.
/// </summary>
internal sealed class BroadcastFrame : OutboundMessage
{
    private readonly byte[] _prefix;
    private readonly byte[] _suffix;
    private readonly byte[] _tail311;
    private readonly byte[] _tail500;

    public BroadcastFrame(BroadcastMessage message)
        : base((QoS)message.QoS)
    {
        Topic = message.Topic is null ? null : Encoding.UTF8.GetBytes(message.Topic);
        _prefix = Topic ?? Encoding.UTF8.GetBytes($"/sys/{message.ProductKey}/");
        _suffix = Topic is null ? Encoding.UTF8.GetBytes($"/broadcast/request/{message.MessageId}") : [];
        _tail311 = Tail(ProtocolVersion.Mqtt311, message.Payload.Span);
        _tail500 = Tail(ProtocolVersion.Mqtt500, message.Payload.Span);
    }

    /// <summary>The topic that receivers must be subscribed to; null when every device of the product gets it.</summary>
    public byte[]? Topic { get; }

    // The payload is shared with all other receivers: one that waits for an acknowledgement costs next to nothing.
    public override int Bytes => 0;

    public override int Size(in CopyParts copy, QoS grantedQoS)
    {
        var tail = TailFor(copy.Version);
        return PublishWriter.HeadSize(grantedQoS, TopicFor(copy.DeviceName), tail.Length) + tail.Length;
    }

    public override int Write(Span<byte> destination, in CopyParts copy, PublishFlags flags, ushort packetId)
    {
        var tail = TailFor(copy.Version);
        var head = PublishWriter.WriteHead(destination, flags, TopicFor(copy.DeviceName), packetId, tail.Length);
        tail.CopyTo(destination[head..]);
        return head + tail.Length;
    }

    private static byte[] Tail(ProtocolVersion version, ReadOnlySpan<byte> payload)
    {
        var tail = new byte[PublishWriter.TailSize(version, default, payload.Length)];
        PublishWriter.WriteTail(tail, version, default, payload);
        return tail;
    }

    private TopicParts TopicFor(ReadOnlySpan<byte> deviceName) => Topic is null ? new TopicParts(_prefix, deviceName, _suffix) : new TopicParts(_prefix);

    private ReadOnlySpan<byte> TailFor(ProtocolVersion version) => version == ProtocolVersion.Mqtt500 ? _tail500 : _tail311;
}
