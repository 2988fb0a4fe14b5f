using System.Text;
using IotPlatform.Broadcasts;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>
/// A broadcast as it leaves the gateway: all that its receivers share is encoded once. Without a topic of its own, each receiver's copy names that
/// receiver: <c>/sys/{productKey}/{deviceName}/broadcast/request/{messageId}</c>. Source: Alibaba Cloud IoT, PubBroadcast.
/// </summary>
internal sealed class BroadcastFrame : OutboundMessage
{
    private readonly BroadcastMessage _message;
    private readonly Expiry? _expiry;
    private readonly byte[] _prefix;
    private readonly byte[] _suffix;
    private readonly byte[] _namePrefix;
    private readonly byte[] _tail311;
    private byte[] _tail500;
    private long _secondsLeft;

    /// <param name="message">The broadcast.</param>
    /// <param name="time">The clock that its expiry is counted down by.</param>
    /// <param name="ongoing">What is remembered of it; null for one that is done when it has been written.</param>
    public BroadcastFrame(BroadcastMessage message, TimeProvider time, OngoingBroadcast? ongoing = null)
        : base((QoS)message.QoS)
    {
        _message = message;
        _expiry = Expiry.Of(message.StaleAt, time);
        Ongoing = ongoing;
        Topic = message.Topic is null ? null : Encoding.UTF8.GetBytes(message.Topic);
        _prefix = Topic ?? Encoding.UTF8.GetBytes($"/sys/{message.ProductKey}/");
        _suffix = Topic is null ? Encoding.UTF8.GetBytes($"/broadcast/request/{message.MessageId}") : [];
        _namePrefix = Encoding.UTF8.GetBytes(message.Filter?.DeviceNamePrefix ?? "");
        _tail311 = Tail(ProtocolVersion.Mqtt311, message.Payload.Span);
        _tail500 = Tail500();
    }

    /// <summary>The topic that receivers must be subscribed to; null when every device of the product gets it.</summary>
    public byte[]? Topic { get; }

    /// <summary>What is remembered of it; null for one that is done when it has been written.</summary>
    public OngoingBroadcast? Ongoing { get; }

    public override bool IsExpired => _expiry?.HasPassed == true;

    // The payload is shared with all other receivers: one that waits for an acknowledgement costs next to nothing.
    public override int Bytes => 0;

    /// <summary>Whether it is for this session's device, as it is now.</summary>
    public bool Concerns(Session session) =>
        (Topic is null || session.IsSubscribedTo(Topic))
        && (_message.Filter is not { } filter || (session.DeviceName.AsSpan().StartsWith(_namePrefix) && TagMatch.Contain(session.Tags, filter.Tags)));

    /// <summary>Goes by the time that it is now: called before it is written to many.</summary>
    public void Refresh()
    {
        if (_expiry is not null && SecondsLeft() != _secondsLeft)
        {
            // [MQTT-3.3.2-6]
            _tail500 = Tail500();
        }
    }

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

    private long SecondsLeft() => (long)Math.Ceiling(_expiry!.Left.TotalSeconds);

    private byte[] Tail500()
    {
        Span<byte> left = stackalloc byte[MessageExpiry.Bytes];
        _secondsLeft = _expiry is null ? 0 : SecondsLeft();
        return Tail(
            ProtocolVersion.Mqtt500,
            _message.Payload.Span,
            new PropertyParts(_message.Properties.Span, default, _expiry is null ? default : MessageExpiry.Write(left, _expiry.Left)));
    }

    private static byte[] Tail(ProtocolVersion version, ReadOnlySpan<byte> payload, PropertyParts properties = default)
    {
        var tail = new byte[PublishWriter.TailSize(version, properties, payload.Length)];
        PublishWriter.WriteTail(tail, version, properties, payload);
        return tail;
    }

    private TopicParts TopicFor(ReadOnlySpan<byte> deviceName) => Topic is null ? new TopicParts(_prefix, deviceName, _suffix) : new TopicParts(_prefix);

    private ReadOnlySpan<byte> TailFor(ProtocolVersion version) => version == ProtocolVersion.Mqtt500 ? _tail500 : _tail311;
}
