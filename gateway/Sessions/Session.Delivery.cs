using System.Collections.Immutable;
using IotPlatform.Delivery;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>What services send: messages to this device, and broadcasts.</content>
internal sealed partial class Session
{
    private HashSet<string>? _unconfirmed;

    /// <summary>Sends a message from a service to this device.</summary>
    public DeliveryOutcome Deliver(SessionPeer peer, RoutedMessage message, string messageId, bool isDuplicate, bool needsSubscription = false)
    {
        lock (this)
        {
            if (_peer != peer)
            {
                return DeliveryOutcome.NotConnected;
            }

            var granted = needsSubscription ? _subscriptions.GrantedFor(message.SharedTopic) : message.QoS;
            if (granted is null)
            {
                return DeliveryOutcome.NotSubscribed;
            }

            var copy = new MessageCopy(Lower(message.QoS, granted.Value));
            if (message.Size(new CopyParts(peer.Version, DeviceName), copy.QoS) > peer.MaximumPacketSize)
            {
                return DeliveryOutcome.TooLarge;
            }

            if (copy.QoS == QoS.AtMostOnce)
            {
                var outcome = ToDelivery(SendCountedLocked(peer, message, copy, isDuplicate: false, packetId: 0));
                return outcome == DeliveryOutcome.Written && message.QoS > copy.QoS ? DeliveryOutcome.WrittenAtMostOnce : outcome;
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
                : ToDelivery(SendInFlightLocked(peer, message, copy, isDuplicate, messageId));
        }
    }

    /// <summary>Sends a request that somebody waits for the answer of.</summary>
    public DeliveryOutcome Invoke(SessionPeer peer, InvocationMessage message)
    {
        lock (this)
        {
            if (_peer != peer)
            {
                return DeliveryOutcome.NotConnected;
            }

            var copy = new MessageCopy(message.QoS);
            if (message.Size(new CopyParts(peer.Version, DeviceName), copy.QoS) > peer.MaximumPacketSize)
            {
                return DeliveryOutcome.TooLarge;
            }

            if (copy.QoS == QoS.AtMostOnce)
            {
                return ToDelivery(SendCountedLocked(peer, message, copy, isDuplicate: false, packetId: 0));
            }

            if (_inFlight.Count >= peer.ReceiveMaximum)
            {
                return DeliveryOutcome.Full;
            }

            // Without the message, which is not sent again: a device that acknowledges nothing holds no memory for it.
            var packetId = _inFlight.Add(new InFlight(message: null, copy, deviceMessageId: null));
            var outcome = SendCountedLocked(peer, message, copy, isDuplicate: false, packetId);
            if (outcome != SendOutcome.Sent)
            {
                _inFlight.Remove(packetId);
            }

            return ToDelivery(outcome);
        }
    }

    /// <summary>Sends broadcasts, all in one piece. Says of each whether it was written.</summary>
    /// <returns>How many were.</returns>
    public int Broadcast(SessionPeer peer, ReadOnlySpan<BroadcastFrame> frames, Span<bool> written)
    {
        lock (this)
        {
            if (_peer == peer)
            {
                return BroadcastLocked(peer, frames, written, isRepeated: false);
            }
        }

        written.Clear();
        return 0;
    }

    /// <summary>Sends one broadcast, and counts it; those that go to all are counted by whoever sends them.</summary>
    /// <param name="peer">The connection.</param>
    /// <param name="frame">The broadcast.</param>
    /// <param name="isRepeated">Its device may have been noted as one that has not acknowledged it.</param>
    /// <returns>Whether it was written.</returns>
    public bool TryBroadcast(SessionPeer peer, BroadcastFrame frame, bool isRepeated = false)
    {
        Span<bool> written = [false];
        lock (this)
        {
            if (_peer == peer)
            {
                BroadcastLocked(peer, [frame], written, isRepeated);
                instruments.Sent(written[0] ? 1 : 0);
                instruments.Dropped(DropReason.Slow, written[0] ? 0 : 1);
            }
        }

        return written[0];
    }

    /// <summary>Whether a broadcast is on its way to the client, and not acknowledged.</summary>
    public bool IsAwaiting(BroadcastFrame frame)
    {
        lock (this)
        {
            return _peer is not null && _inFlight.FindPacketId(frame) != 0;
        }
    }

    /// <summary>Sends a broadcast again that is on its way and not acknowledged. [MQTT-4.4.0-1] A 5.0 client gets no second copy on one connection.</summary>
    /// <returns>Whether it was written.</returns>
    public bool SendAgain(SessionPeer peer, BroadcastFrame frame)
    {
        lock (this)
        {
            return _peer == peer && peer.Version != ProtocolVersion.Mqtt500 && _inFlight.FindPacketId(frame) is var packetId and not 0
                && SendCountedLocked(peer, frame, _inFlight.Find(packetId)!.Copy, isDuplicate: true, packetId) == SendOutcome.Sent;
        }
    }

    /// <summary>
    /// The client has device messages, and their grain does not know it yet: should it want to send them again meanwhile, because it was moved to another silo, they are
    /// not written again.
    /// </summary>
    public void AwaitConfirmation(ImmutableArray<string> messageIds)
    {
        lock (this)
        {
            (_unconfirmed ??= []).UnionWith(messageIds);
        }
    }

    /// <summary>The grain knows it, or will not be told.</summary>
    public void Confirmed(ImmutableArray<string> messageIds)
    {
        lock (this)
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

    private static QoS Lower(QoS a, QoS b) => a < b ? a : b;

    private static DeliveryOutcome ToDelivery(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Sent => DeliveryOutcome.Written,
        SendOutcome.Full => DeliveryOutcome.Full,
        _ => DeliveryOutcome.NotConnected,
    };

    private DeliveryOutcome DeliverAgainLocked(SessionPeer peer, RoutedMessage message, ushort packetId)
    {
        // Its grain may not have heard that it was written here. [MQTT-4.4.0-1] A 5.0 client gets no second copy on one connection.
        if (peer.Version == ProtocolVersion.Mqtt500)
        {
            return DeliveryOutcome.Written;
        }

        return ToDelivery(SendCountedLocked(peer, message, _inFlight.Find(packetId)!.Copy, isDuplicate: true, packetId));
    }

    // Its size has been looked at.
    private SendOutcome SendCountedLocked(SessionPeer peer, OutboundMessage message, in MessageCopy copy, bool isDuplicate, ushort packetId)
    {
        var outcome = SendLocked(peer, message, copy, isDuplicate, packetId) ?? SendOutcome.Closed;
        if (outcome == SendOutcome.Sent)
        {
            CountSentLocked();
        }

        return outcome;
    }

    private int BroadcastLocked(SessionPeer peer, ReadOnlySpan<BroadcastFrame> frames, Span<bool> written, bool isRepeated)
    {
        var parts = new CopyParts(peer.Version, DeviceName);
        var size = 0;
        foreach (var frame in frames)
        {
            size += frame.Size(parts, frame.QoS);
        }

        var buffer = ScratchBuffer.Get(size);
        var length = 0;
        for (var i = 0; i < frames.Length; i++)
        {
            length += WriteFrameLocked(peer, frames[i], parts, buffer.AsSpan(length), isRepeated, out written[i]);
        }

        if (length > 0 && peer.Connection.Send(buffer.AsSpan(0, length)) != SendOutcome.Sent)
        {
            TakeBackLocked(frames);
            written.Clear();
        }

        var writtenCount = written.Count(true);
        _sent += writtenCount;
        if (writtenCount < frames.Length)
        {
            NoteDrop(DropReason.Slow, default, frames.Length - writtenCount);
        }

        return writtenCount;
    }

    private int WriteFrameLocked(SessionPeer peer, BroadcastFrame frame, in CopyParts parts, Span<byte> destination, bool isRepeated, out bool isWritten)
    {
        var qos = frame.QoS > QoS.AtMostOnce && frame.Topic is { } topic ? Lower(frame.QoS, _subscriptions.GrantedFor(topic) ?? QoS.AtMostOnce) : frame.QoS;
        isWritten = !frame.IsExpired
            && frame.Size(parts, qos) <= peer.MaximumPacketSize
            && (qos == QoS.AtMostOnce || _inFlight.Count < peer.ReceiveMaximum);
        if (!isWritten)
        {
            return 0;
        }

        var packetId = (ushort)0;
        if (qos > QoS.AtMostOnce)
        {
            packetId = _inFlight.Add(new InFlight(frame, new MessageCopy(qos), deviceMessageId: null) { IsRepeated = isRepeated });
            frame.Ongoing?.Await(1);
        }

        return frame.Write(destination, parts, new PublishFlags(qos), packetId);
    }

    // None of the packets left: their packet ids are free again.
    private void TakeBackLocked(ReadOnlySpan<BroadcastFrame> frames)
    {
        foreach (var frame in frames)
        {
            if (_inFlight.FindPacketId(frame) is var packetId and not 0)
            {
                _inFlight.Remove(packetId);
                frame.Ongoing?.Await(-1);
            }
        }
    }

    // Its client will not acknowledge them any more.
    private void LoseBroadcastsLocked()
    {
        foreach (var inFlight in _inFlight.All)
        {
            if (inFlight.Message is BroadcastFrame { Ongoing: { } broadcast })
            {
                broadcast.Lost(this);
            }
        }
    }
}
