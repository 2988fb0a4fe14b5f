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

    // Made when the first receiver needs it, on whichever thread; the later of two is kept, and is the same.
    private BroadcastPacket? _311AtMostOnce;
    private BroadcastPacket? _311AtLeastOnce;
    private BroadcastPacket? _500AtMostOnce;
    private BroadcastPacket? _500AtLeastOnce;
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
        _secondsLeft = _expiry is null ? 0 : SecondsLeft();
    }

    /// <summary>The topic that receivers must be subscribed to; null when every device of the product gets it.</summary>
    public byte[]? Topic { get; }

    /// <summary>What is remembered of it; null for one that is done when it has been written.</summary>
    public OngoingBroadcast? Ongoing { get; }

    public override bool IsExpired => _expiry?.HasPassed == true;

    // The payload is shared with all other receivers: one that waits for an acknowledgement costs next to nothing.
    public override int Bytes => 0;

    /// <summary>Whether it is for every device that is online, and done when it has been written to it.</summary>
    public bool IsForAll => Topic is null && _message.Filter is null && Ongoing is null;

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
            _secondsLeft = SecondsLeft();
            _500AtMostOnce = null;
            _500AtLeastOnce = null;
        }
    }

    public override int Size(in CopyParts copy, QoS grantedQoS) => PacketFor(copy.Version, grantedQoS).Size(NameLength(copy));

    public override int Write(Span<byte> destination, in CopyParts copy, PublishFlags flags, ushort packetId) =>
        PacketFor(copy.Version, flags.QoS).Write(destination, Topic is null ? copy.DeviceName : default, flags, packetId);

    private int NameLength(in CopyParts copy) => Topic is null ? copy.DeviceName.Length : 0;

    private long SecondsLeft() => (long)Math.Ceiling(_expiry!.Left.TotalSeconds);

    private BroadcastPacket PacketFor(ProtocolVersion version, QoS qos) => (version, qos) switch
    {
        (ProtocolVersion.Mqtt500, QoS.AtMostOnce) => _500AtMostOnce ??= Encode(version, qos),
        (ProtocolVersion.Mqtt500, _) => _500AtLeastOnce ??= Encode(version, qos),
        (_, QoS.AtMostOnce) => _311AtMostOnce ??= Encode(version, qos),
        _ => _311AtLeastOnce ??= Encode(version, qos),
    };

    private BroadcastPacket Encode(ProtocolVersion version, QoS qos)
    {
        Span<byte> left = stackalloc byte[MessageExpiry.Bytes];
        var properties = version == ProtocolVersion.Mqtt311 ? default
            : new PropertyParts(_message.Properties.Span, default, _expiry is null ? default : MessageExpiry.Write(left, TimeSpan.FromSeconds(_secondsLeft)));
        return new BroadcastPacket(version, qos, new TopicParts(_prefix, default, _suffix), properties, _message.Payload.Span);
    }
}
