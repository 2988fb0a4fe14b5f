using System.Collections.Immutable;
using System.Text;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <summary>
/// A client's session (MQTT 5.0 section 4.1): its subscriptions, and the messages on their way to it. Outlives its connection when the client asked for
/// that. Anybody may send to it at any time; one lock keeps the order of its packets and of its packet ids the same.
/// </summary>
internal sealed partial class Session(DeviceId device, SessionLimits limits, GatewayInstruments instruments)
{
    private readonly Lock _gate = new();
    private SessionPeer? _peer;
    private InFlightTable _inFlight;
    private MessageQueue _queue;
    private SubscriptionList _subscriptions;
    private HashSet<ushort>? _received;
    private HashSet<string>? _unconfirmed;
    private Dictionary<ushort, Task<ReasonCode>>? _receiving;
    private int _waitingCount;

    public DeviceId Device => device;

    /// <summary>The device's name as it stands in topics.</summary>
    public byte[] DeviceName { get; } = Encoding.UTF8.GetBytes(device.DeviceName);

    /// <summary>The connection it belongs to, from the login on; guarded by the <see cref="SessionRegistry"/>.</summary>
    public MqttConnection? Claim { get; set; }

    /// <summary>It is in no registry any more: nothing may be subscribed for it.</summary>
    public bool IsEnded { get; set; }

    /// <summary>How long it outlives its connection.</summary>
    public TimeSpan Expiry { get; set; }

    /// <summary>Since when it has had no connection; meaningful while it has none.</summary>
    public DateTimeOffset OfflineSince { get; set; }

    /// <summary>
    /// The last publish of its client that was not routed at once; complete once it is. What comes while it is not must wait behind it.
    /// </summary>
    public Task? LastPublish { get; set; }

    /// <summary>The connection it has now, if any.</summary>
    public SessionPeer? Peer => Volatile.Read(ref _peer);

    /// <summary>Opens a connection and takes it: writes CONNACK, and nothing gets between that and what the session sends.</summary>
    /// <returns>False, and nothing done, when the connection was closed meanwhile.</returns>
    public bool TryAttach(SessionPeer peer, ReadOnlySpan<byte> connAck)
    {
        lock (_gate)
        {
            if (!peer.Owner.TryOpen())
            {
                return false;
            }

            // Before CONNACK, which its client may answer at once: who then looks, without the lock, must find it.
            Volatile.Write(ref _peer, peer);
            peer.Connection.Send(connAck);
            Attach(peer);
            return true;
        }
    }

    /// <summary>Takes an open connection: what is unacknowledged goes out again, then what was queued.</summary>
    public void Attach(SessionPeer peer)
    {
        lock (_gate)
        {
            _peer = peer;
            ResendLocked(peer);
            SendQueuedLocked(peer);
        }
    }

    /// <summary>Sends a connection's last packet, behind whatever the session is writing to it.</summary>
    public void SendBehind(IConnection connection, ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            connection.Send(packet);
        }
    }

    /// <summary>Loses its connection, unless it has a newer one already.</summary>
    /// <returns>Whether it was this one.</returns>
    public bool Detach(SessionPeer peer)
    {
        lock (_gate)
        {
            if (_peer != peer)
            {
                return false;
            }

            _peer = null;
            return true;
        }
    }

    /// <summary>Sends a message that another client published, or queues it where it must not be lost.</summary>
    public void Publish(OutboundMessage message, QoS qos, bool retain)
    {
        lock (_gate)
        {
            if (qos == QoS.AtMostOnce)
            {
                SendAtMostOnceLocked(message, retain);
            }
            else
            {
                TryPublishLocked(message, new PublishFlags(qos, retain));
            }
        }
    }

    /// <summary>Sends a packet that was encoded for all receivers of this version at once.</summary>
    public void PublishEncoded(SessionPeer peer, ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            if (_peer != peer)
            {
                // Gone, or taken over by a client that may speak another version.
                instruments.Dropped(DropReason.Offline);
            }
            else if (packet.Length > peer.MaximumPacketSize)
            {
                instruments.Dropped(DropReason.TooLarge);
            }
            else
            {
                Count(peer.Connection.Send(packet));
            }
        }
    }

    /// <summary>Sends a message from a service to this device.</summary>
    public DeliveryOutcome Deliver(SessionPeer peer, RoutedMessage message, string messageId, bool isDuplicate, bool needsSubscription = false)
    {
        lock (_gate)
        {
            if (_peer != peer)
            {
                return DeliveryOutcome.NotConnected;
            }

            var granted = needsSubscription ? _subscriptions.GrantedFor(message.Topic) : message.QoS;
            if (granted is null)
            {
                return DeliveryOutcome.NotSubscribed;
            }

            var qos = Lower(message.QoS, granted.Value);
            if (message.Size(peer.Version, qos, default) > peer.MaximumPacketSize)
            {
                return DeliveryOutcome.TooLarge;
            }

            if (qos == QoS.AtMostOnce)
            {
                var outcome = ToDelivery(SendLocked(peer, message, new PublishFlags(qos), packetId: 0));
                return outcome == DeliveryOutcome.Written && message.QoS > qos ? DeliveryOutcome.WrittenAtMostOnce : outcome;
            }

            if (_unconfirmed?.Contains(messageId) == true)
            {
                // Its acknowledgement is on the way.
                return DeliveryOutcome.Written;
            }

            if (_inFlight.FindPacketId(messageId) is var packetId and not 0)
            {
                return DeliverAgainLocked(peer, message, packetId);
            }

            return _inFlight.Count >= peer.ReceiveMaximum
                ? DeliveryOutcome.Full
                : ToDelivery(SendInFlightLocked(peer, message, new PublishFlags(qos, Dup: isDuplicate), messageId));
        }
    }

    /// <summary>Sends broadcasts, all in one piece. Says of each whether it was written.</summary>
    public void Broadcast(SessionPeer peer, ReadOnlySpan<BroadcastFrame> frames, Span<bool> written)
    {
        lock (_gate)
        {
            if (_peer == peer)
            {
                BroadcastLocked(peer, frames, written);
            }
        }
    }

    public bool IsSubscribedTo(ReadOnlySpan<byte> topic)
    {
        lock (_gate)
        {
            return _subscriptions.GrantedFor(topic) is not null;
        }
    }

    /// <summary>Remembers a subscription, over an earlier one of the same filter.</summary>
    /// <param name="filter">As the client sent it.</param>
    /// <param name="options">What it wants.</param>
    /// <param name="isNew">Whether there was none of this filter.</param>
    /// <returns>False when it has as many as it may have.</returns>
    public bool TrySubscribe(byte[] filter, SubscriptionOptions options, out bool isNew)
    {
        lock (_gate)
        {
            isNew = _subscriptions.Find(filter) is null;
            return _subscriptions.TrySet(filter, options, limits.SubscriptionsMax);
        }
    }

    /// <returns>False when there was no such subscription.</returns>
    public bool TryUnsubscribe(byte[] filter)
    {
        lock (_gate)
        {
            _feed?.Remove(filter);
            return _subscriptions.TryRemove(filter);
        }
    }

    /// <summary>The filters it is subscribed to.</summary>
    public byte[][] Filters()
    {
        lock (_gate)
        {
            return _subscriptions.Filters();
        }
    }

    /// <summary>The client acknowledged a QoS 1 message.</summary>
    /// <returns>The message; null for an unknown packet id.</returns>
    public InFlight? Acknowledged(ushort packetId) => Finish(packetId, QoS.AtLeastOnce);

    /// <summary>
    /// The client has device messages, and their grain does not know it yet: should it want to send them again meanwhile, because it was moved to another silo, they are
    /// not written again.
    /// </summary>
    public void AwaitConfirmation(ImmutableArray<string> messageIds)
    {
        lock (_gate)
        {
            (_unconfirmed ??= []).UnionWith(messageIds);
        }
    }

    /// <summary>The grain knows it, or will not be told.</summary>
    public void Confirmed(ImmutableArray<string> messageIds)
    {
        lock (_gate)
        {
            if (_unconfirmed is null)
            {
                return;
            }

            _unconfirmed.ExceptWith(messageIds);
            if (_unconfirmed.Count == 0)
            {
                _unconfirmed = null;
            }
        }
    }

    /// <summary>The client has a QoS 2 message.</summary>
    /// <returns>Whether the packet id is known: then its release is to be sent.</returns>
    public bool Received(ushort packetId, ReasonCode reason)
    {
        lock (_gate)
        {
            if (_inFlight.Find(packetId) is not { QoS: QoS.ExactlyOnce } inFlight)
            {
                return false;
            }

            if (reason.IsFailure())
            {
                FinishLocked(packetId);
                return false;
            }

            inFlight.IsReleased = true;
            return true;
        }
    }

    /// <summary>The client is done with a QoS 2 message.</summary>
    public InFlight? Completed(ushort packetId) => Finish(packetId, QoS.ExactlyOnce);

    /// <summary>The client sends a QoS 2 message.</summary>
    /// <param name="packetId">Its packet id.</param>
    /// <param name="earlier">For a copy, what became of the first one.</param>
    /// <returns>False when it is a copy of one that was taken before.</returns>
    public bool TryReceive(ushort packetId, out ValueTask<ReasonCode> earlier)
    {
        lock (_gate)
        {
            earlier = _receiving?.GetValueOrDefault(packetId) is { } receiving ? new(receiving) : new(ReasonCode.Success);
            return (_received ??= []).Add(packetId);
        }
    }

    /// <summary>Remembers what becomes of a QoS 2 message: one that was refused is not a message that was taken.</summary>
    public ValueTask<ReasonCode> Receive(ushort packetId, ValueTask<ReasonCode> outcome)
    {
        if (outcome.IsCompletedSuccessfully)
        {
            if (outcome.Result.IsFailure())
            {
                TryRelease(packetId);
            }

            return outcome;
        }

        lock (_gate)
        {
            // A new connection of the session may send it again meanwhile.
            var receiving = ReceiveAsync(packetId, outcome);
            if (!receiving.IsCompleted)
            {
                (_receiving ??= [])[packetId] = receiving;
            }

            return new(receiving);
        }
    }

    /// <summary>The client releases a QoS 2 message that it sent.</summary>
    /// <returns>False for an unknown packet id.</returns>
    public bool TryRelease(ushort packetId)
    {
        lock (_gate)
        {
            return _received?.Remove(packetId) ?? false;
        }
    }

    private async Task<ReasonCode> ReceiveAsync(ushort packetId, ValueTask<ReasonCode> outcome)
    {
        ReasonCode reason;
        try
        {
            reason = await outcome.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whoever failed has said why.
            reason = ReasonCode.UnspecifiedError;
        }

        lock (_gate)
        {
            _receiving?.Remove(packetId);
            if (reason.IsFailure())
            {
                _received?.Remove(packetId);
            }
        }

        return reason;
    }

    private DeliveryOutcome DeliverAgainLocked(SessionPeer peer, RoutedMessage message, ushort packetId)
    {
        // Its grain may not have heard that it was written here. [MQTT-4.4.0-1] A 5.0 client gets no second copy on one connection.
        var earlier = _inFlight.Find(packetId)!;
        if (peer.Version == ProtocolVersion.Mqtt500 && !earlier.IsForgotten)
        {
            return DeliveryOutcome.Written;
        }

        // The packet id of an earlier copy in this session stays.
        earlier.IsForgotten = false;
        return ToDelivery(SendLocked(peer, message, new PublishFlags(earlier.QoS, Dup: true), packetId));
    }

    /// <summary>Sends a QoS 1 or 2 message, or queues it.</summary>
    /// <returns>False when it was dropped.</returns>
    private bool TryPublishLocked(OutboundMessage message, PublishFlags flags)
    {
        if (_peer is { } peer && _inFlight.Count < peer.ReceiveMaximum && _queue.IsEmpty)
        {
            SendInFlightLocked(peer, message, flags, deviceMessageId: null);
            return true;
        }

        if (_queue.TryEnqueue(message, flags.QoS, flags.Retain, limits))
        {
            return true;
        }

        instruments.Dropped(DropReason.QueueFull);
        return false;
    }

    private static QoS Lower(QoS a, QoS b) => a < b ? a : b;

    private static DeliveryOutcome ToDelivery(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Sent => DeliveryOutcome.Written,
        SendOutcome.Full => DeliveryOutcome.Full,
        _ => DeliveryOutcome.NotConnected,
    };

    private void BroadcastLocked(SessionPeer peer, ReadOnlySpan<BroadcastFrame> frames, Span<bool> written)
    {
        var size = 0;
        foreach (var frame in frames)
        {
            size += frame.Size(peer.Version, frame.QoS, DeviceName);
        }

        var buffer = ScratchBuffer.Get(size);
        var length = 0;
        for (var i = 0; i < frames.Length; i++)
        {
            length += WriteFrameLocked(peer, frames[i], buffer.AsSpan(length), out written[i]);
        }

        if (length > 0 && peer.Connection.Send(buffer.AsSpan(0, length)) != SendOutcome.Sent)
        {
            TakeBackLocked(frames);
            written.Clear();
        }
    }

    private int WriteFrameLocked(SessionPeer peer, BroadcastFrame frame, Span<byte> destination, out bool isWritten)
    {
        var qos = frame.QoS > QoS.AtMostOnce && frame.Topic is { } topic ? Lower(frame.QoS, _subscriptions.GrantedFor(topic) ?? QoS.AtMostOnce) : frame.QoS;
        isWritten = frame.Size(peer.Version, qos, DeviceName) <= peer.MaximumPacketSize
            && (qos == QoS.AtMostOnce || _inFlight.Count < peer.ReceiveMaximum);
        if (!isWritten)
        {
            return 0;
        }

        var packetId = qos == QoS.AtMostOnce ? (ushort)0 : _inFlight.Add(new InFlight(frame, qos, deviceMessageId: null));
        return frame.Write(destination, peer.Version, new PublishFlags(qos), packetId, DeviceName);
    }

    // None of the packets left: their packet ids are free again.
    private void TakeBackLocked(ReadOnlySpan<BroadcastFrame> frames)
    {
        foreach (var frame in frames)
        {
            _inFlight.Remove(frame);
        }
    }

    private void SendAtMostOnceLocked(OutboundMessage message, bool retain)
    {
        if (_peer is not { } peer)
        {
            instruments.Dropped(DropReason.Offline);
        }
        else if (message.Size(peer.Version, QoS.AtMostOnce, DeviceName) > peer.MaximumPacketSize)
        {
            instruments.Dropped(DropReason.TooLarge);
        }
        else
        {
            Count(SendLocked(peer, message, new PublishFlags(QoS.AtMostOnce, retain), packetId: 0));
        }
    }

    private SendOutcome SendInFlightLocked(SessionPeer peer, OutboundMessage message, PublishFlags flags, string? deviceMessageId)
    {
        // [MQTT-3.1.2-25] What is larger than the client takes is treated as if it had been delivered.
        if (message.Size(peer.Version, flags.QoS, DeviceName) > peer.MaximumPacketSize)
        {
            instruments.Dropped(DropReason.TooLarge);
            return SendOutcome.Sent;
        }

        var packetId = _inFlight.Add(new InFlight(message, flags.QoS, deviceMessageId) { Retain = flags.Retain });
        var outcome = SendLocked(peer, message, flags, packetId);
        if (outcome == SendOutcome.Full && deviceMessageId is null)
        {
            // A client that acknowledges nothing and reads nothing has reached its bound: it resumes where it stopped, when it comes back.
            peer.Overflowed();
        }
        else if (outcome != SendOutcome.Sent && deviceMessageId is not null)
        {
            _inFlight.Remove(packetId);
        }

        return outcome;
    }

    private SendOutcome SendLocked(SessionPeer peer, OutboundMessage message, PublishFlags flags, ushort packetId)
    {
        var buffer = ScratchBuffer.Get(message.Size(peer.Version, flags.QoS, DeviceName));
        var length = message.Write(buffer, peer.Version, flags, packetId, DeviceName);
        var outcome = peer.Connection.Send(buffer.AsSpan(0, length));
        if (outcome == SendOutcome.Sent)
        {
            instruments.Sent();
        }

        return outcome;
    }

    private void SendQueuedLocked(SessionPeer peer)
    {
        while (!_queue.IsEmpty && _inFlight.Count < peer.ReceiveMaximum)
        {
            var (message, qos, retain) = _queue.Dequeue();
            if (message.IsExpired)
            {
                // [MQTT-3.3.2-5]
                instruments.Dropped(DropReason.Expired);
            }
            else if (SendInFlightLocked(peer, message, new PublishFlags(qos, retain), deviceMessageId: null) != SendOutcome.Sent)
            {
                break;
            }
        }
    }

    // [MQTT-4.4.0-1] In the order in which they were first sent [MQTT-4.6.0-1]. Device messages are resent by their grain.
    private void ResendLocked(SessionPeer peer)
    {
        _waitingCount = 0;
        foreach (var (packetId, inFlight) in _inFlight.InOrder())
        {
            if (inFlight.DeviceMessageId is null)
            {
                inFlight.IsWaiting = true;
                _waitingCount++;
            }
            else if (inFlight.IsForgotten)
            {
                // A whole connection long its grain has not sent it again: it must not hold its place for ever.
                _inFlight.Remove(packetId);
            }
            else
            {
                inFlight.IsForgotten = true;
            }
        }

        ResendWaitingLocked(peer);
    }

    /// <summary>Sends again what the new connection's Receive Maximum has room for [MQTT-3.3.4-9]; the rest as places become free.</summary>
    private void ResendWaitingLocked(SessionPeer peer)
    {
        if (_waitingCount == 0)
        {
            return;
        }

        var room = peer.ReceiveMaximum - (_inFlight.Count - _waitingCount);
        foreach (var (packetId, inFlight) in _inFlight.InOrder())
        {
            if (room <= 0)
            {
                return;
            }

            if (inFlight.IsWaiting)
            {
                inFlight.IsWaiting = false;
                _waitingCount--;
                room--;
                if (ResendLocked(peer, packetId, inFlight) == SendOutcome.Full)
                {
                    peer.Overflowed();
                    return;
                }
            }
        }
    }

    private SendOutcome ResendLocked(SessionPeer peer, ushort packetId, InFlight inFlight)
    {
        if (inFlight.IsReleased)
        {
            Span<byte> release = stackalloc byte[Acknowledgement.BytesMax];
            var length = Acknowledgement.Write(release, PacketType.PubRel, packetId, ReasonCode.Success, peer.Version);
            return peer.Connection.Send(release[..length]);
        }

        if (inFlight.Message.Size(peer.Version, inFlight.QoS, DeviceName) <= peer.MaximumPacketSize)
        {
            return SendLocked(peer, inFlight.Message, new PublishFlags(inFlight.QoS, inFlight.Retain, Dup: true), packetId);
        }

        // [MQTT-3.1.2-25] Larger than the client takes now: as if it had been delivered.
        instruments.Dropped(DropReason.TooLarge);
        _inFlight.Remove(packetId);
        return SendOutcome.Sent;
    }

    private InFlight? Finish(ushort packetId, QoS qos)
    {
        lock (_gate)
        {
            if (_inFlight.Find(packetId) is not { } inFlight || inFlight.QoS != qos)
            {
                return null;
            }

            FinishLocked(packetId);
            return inFlight;
        }
    }

    private void FinishLocked(ushort packetId)
    {
        _waitingCount -= _inFlight.Find(packetId) is { IsWaiting: true } ? 1 : 0;
        _inFlight.Remove(packetId);
        if (_peer is { } peer)
        {
            if (_waitingCount > 0)
            {
                ResendWaitingLocked(peer);
            }

            SendQueuedLocked(peer);
        }

        _feed?.Signal();
    }

    private void Count(SendOutcome outcome)
    {
        if (outcome == SendOutcome.Sent)
        {
            instruments.Sent();
        }
        else
        {
            instruments.Dropped(outcome == SendOutcome.Full ? DropReason.Slow : DropReason.Offline);
        }
    }
}
