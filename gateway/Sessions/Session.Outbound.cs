using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>The application messages that it sends.</content>
internal sealed partial class Session
{
    private HashSet<long>? _acknowledging;

    /// <summary>What became of messages whose client did not get them: they are for others who share its subscriptions.</summary>
    public List<(OutboundMessage Message, MessageCopy Copy)> TakeShared()
    {
        lock (this)
        {
            // [MQTT-4.8.2-5] A QoS 2 message whose delivery has begun goes to nobody else.
            return
            [
                .. _inFlight.All.Where(static m => m is { Message: not null, Copy.Share: not null, QoS: QoS.AtLeastOnce }).Select(static m => (m.Message!, m.Copy)),
                .. _queue.All.Where(static m => m is { Message: not null, Copy.Share: not null }).Select(static m => (m.Message!, m.Copy)),
            ];
        }
    }

    /// <summary>Sends a message that another client published, or queues it where it must not be lost.</summary>
    public void Publish(OutboundMessage message, in MessageCopy copy)
    {
        lock (this)
        {
            if (copy.QoS == QoS.AtMostOnce)
            {
                SendAtMostOnceLocked(message, copy);
            }
            else
            {
                TryPublishLocked(message, copy);
            }
        }
    }

    /// <summary>Sends a packet that was encoded for all receivers of this version at once.</summary>
    public void PublishEncoded(SessionPeer peer, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> packet)
    {
        lock (this)
        {
            if (_peer != peer)
            {
                Drop(DropReason.Offline, topic);
            }
            else if (packet.Length > peer.MaximumPacketSize)
            {
                Drop(DropReason.TooLarge, topic);
            }
            else
            {
                CountLocked(peer.Connection.Send(packet), topic);
            }
        }
    }

    /// <summary>Sends what the kept session has for the client. What it has been given on this connection before is not sent again.</summary>
    /// <param name="peer">The connection that it is for.</param>
    /// <param name="messages">The messages; null for one that has only to be released.</param>
    /// <returns>Whether the connection is there, and has them.</returns>
    public bool Push(SessionPeer peer, IEnumerable<(OutboundMessage? Message, MessageCopy Copy, bool IsDuplicate)> messages)
    {
        lock (this)
        {
            if (_peer != peer)
            {
                return false;
            }

            foreach (var (message, copy, isDuplicate) in messages)
            {
                if (_inFlight.Find(InFlightTable.PacketIdOf(copy.Sequence)) is not null || _acknowledging?.Contains(copy.Sequence) == true || IsQueuedLocked(copy.Sequence))
                {
                    continue;
                }

                if (MaySendLocked(peer))
                {
                    SendInFlightLocked(peer, message, copy, isDuplicate, deviceMessageId: null);
                }
                else
                {
                    _queue.Add(message, copy);
                }
            }

            return true;
        }
    }

    /// <summary>The client acknowledged a QoS 1 message.</summary>
    /// <returns>The message; null for an unknown packet id.</returns>
    public InFlight? Acknowledged(ushort packetId) => Finish(packetId, QoS.AtLeastOnce);

    public bool IsInFlight(ushort packetId)
    {
        lock (this)
        {
            return _inFlight.Find(packetId) is { QoS: QoS.ExactlyOnce };
        }
    }

    /// <summary>The client has a QoS 2 message, or refuses it.</summary>
    /// <param name="packetId">Its packet id.</param>
    /// <param name="reason">What the client says.</param>
    /// <returns>The message that is to be released; null when there is none of that packet id, or the client refused it.</returns>
    public InFlight? Arrived(ushort packetId, ReasonCode reason)
    {
        lock (this)
        {
            if (_inFlight.Find(packetId) is not { QoS: QoS.ExactlyOnce } inFlight)
            {
                return null;
            }

            if (reason.IsFailure())
            {
                FinishLocked(packetId, inFlight);
                return null;
            }

            inFlight.IsReleased = true;
            return inFlight;
        }
    }

    /// <summary>The client is done with a QoS 2 message.</summary>
    public InFlight? Completed(ushort packetId) => Finish(packetId, QoS.ExactlyOnce);

    /// <summary>The kept session knows that the client is done with a message.</summary>
    public void AcknowledgementKept(long sequence)
    {
        lock (this)
        {
            if (_acknowledging?.Remove(sequence) == true && _acknowledging.Count == 0)
            {
                _acknowledging = null;
            }
        }
    }

    // A connection that does not take what it has is given no more, as long as an acknowledgement will say when to go on.
    private bool MaySendLocked(SessionPeer peer) =>
        _queue.IsEmpty && HasWindowLocked(peer);

    private bool HasWindowLocked(SessionPeer peer) =>
        _inFlight.Count < peer.ReceiveMaximum && (_inFlight.Count == 0 || !peer.Connection.IsBacklogged);

    private bool IsQueuedLocked(long sequence)
    {
        foreach (var (_, copy) in _queue.All)
        {
            if (copy.Sequence == sequence)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends a QoS 1 or 2 message, or queues it.</summary>
    private void TryPublishLocked(OutboundMessage message, in MessageCopy copy)
    {
        if (_peer is { } peer && MaySendLocked(peer))
        {
            SendInFlightLocked(peer, message, copy, isDuplicate: false, deviceMessageId: null);
        }
        else if (_isOver)
        {
            Drop(DropReason.Offline, message.SharedTopic);
        }
        else
        {
            Drop(DropReason.QueueFull, message.SharedTopic, _queue.Enqueue(message, copy, limits));
        }
    }

    private void SendAtMostOnceLocked(OutboundMessage message, in MessageCopy copy)
    {
        if (_peer is { } peer)
        {
            var outcome = SendLocked(peer, message, copy, isDuplicate: false, packetId: 0);
            if (outcome is { } sent)
            {
                CountLocked(sent, message.SharedTopic);
            }
        }
        else
        {
            Drop(DropReason.Offline, message.SharedTopic);
        }
    }

    private SendOutcome SendInFlightLocked(SessionPeer peer, OutboundMessage? message, in MessageCopy copy, bool isDuplicate, string? deviceMessageId)
    {
        var inFlight = new InFlight(message, copy, deviceMessageId) { IsReleased = message is null };
        var packetId = _inFlight.Add(inFlight);
        var outcome = message is null ? SendReleaseLocked(peer, packetId) : SendLocked(peer, message, copy, isDuplicate, packetId);
        switch (outcome)
        {
            case null:
                // [MQTT-3.1.2-25] What is larger than the client takes is treated as if it had been delivered.
                FinishLocked(packetId, inFlight);
                return SendOutcome.Sent;
            case SendOutcome.Sent:
                // What has only to be released was counted before.
                CountSentLocked(message is null ? 0 : 1);
                break;
            case SendOutcome.Full when deviceMessageId is null:
                NotWritten(DropReason.Slow, message);

                // A client that acknowledges nothing and reads nothing has reached its bound: it resumes where it stopped, when it comes back.
                peer.Overflowed();
                break;
            default:
                if (deviceMessageId is not null)
                {
                    _inFlight.Remove(packetId);
                }
                else
                {
                    NotWritten(DropReason.Offline, message);
                }

                break;
        }

        return outcome.Value;
    }

    // Its connection is over. A session that is kept has the message still.
    private void NotWritten(string reason, OutboundMessage? message)
    {
        if (message is not null)
        {
            Drop(kept is null ? reason : DropReason.Kept, message.SharedTopic);
        }
    }

    private static SendOutcome? SendReleaseLocked(SessionPeer peer, ushort packetId)
    {
        Span<byte> release = stackalloc byte[Acknowledgement.BytesMax];
        var length = Acknowledgement.Write(release, PacketType.PubRel, packetId, ReasonCode.Success, peer.Version);
        return peer.Connection.Send(release[..length]);
    }

    /// <returns>Null when it is larger than the client takes: it is dropped, and counted.</returns>
    private SendOutcome? SendLocked(SessionPeer peer, OutboundMessage message, in MessageCopy copy, bool isDuplicate, ushort packetId)
    {
        if (peer.Version != ProtocolVersion.Mqtt500)
        {
            return WriteLocked(peer, message, copy, isDuplicate, packetId, new CopyParts(peer.Version, DeviceName));
        }

        var topic = message.SharedTopic;
        var isNew = false;
        var alias = topic.IsEmpty || peer.Aliases is null ? (ushort)0 : peer.Aliases.Find(topic, out isNew);
        if (alias == 0)
        {
            return WriteLocked(peer, message, copy, isDuplicate, packetId, new CopyParts(peer.Version, DeviceName) { Properties = copy.Identifiers.Span });
        }

        Span<byte> properties = stackalloc byte[TopicAliases.PropertyBytes + copy.Identifiers.Length];
        // Five bytes a subscription at most, of which there are few.
        TopicAliases.Write(properties, alias);
        copy.Identifiers.Span.CopyTo(properties[TopicAliases.PropertyBytes..]);
        var parts = new CopyParts(peer.Version, DeviceName) { Properties = properties, OmitsTopic = !isNew };
        var outcome = WriteLocked(peer, message, copy, isDuplicate, packetId, parts);
        if (isNew && outcome == SendOutcome.Sent)
        {
            peer.Aliases!.Sent(topic);
        }

        return outcome;
    }

    private SendOutcome? WriteLocked(SessionPeer peer, OutboundMessage message, in MessageCopy copy, bool isDuplicate, ushort packetId, in CopyParts parts)
    {
        var size = message.Size(parts, copy.QoS);
        if (size > peer.MaximumPacketSize)
        {
            Drop(DropReason.TooLarge, message.SharedTopic);
            return null;
        }

        var buffer = ScratchBuffer.Get(size);
        var length = message.Write(buffer, parts, new PublishFlags(copy.QoS, copy.Retain, isDuplicate), packetId);
        return peer.Connection.Send(buffer.AsSpan(0, length));
    }

    private void SendQueuedLocked(SessionPeer peer)
    {
        while (!_queue.IsEmpty && HasWindowLocked(peer))
        {
            var (message, copy) = _queue.Dequeue();
            if (message?.IsExpired == true)
            {
                // [MQTT-3.3.2-5]
                Drop(DropReason.Expired, message.SharedTopic);
                AcknowledgeKeptLocked(copy);
            }
            else if (SendInFlightLocked(peer, message, copy, isDuplicate: false, deviceMessageId: null) != SendOutcome.Sent)
            {
                break;
            }
        }
    }

    private InFlight? Finish(ushort packetId, QoS qos)
    {
        lock (this)
        {
            if (_inFlight.Find(packetId) is not { } inFlight || inFlight.QoS != qos)
            {
                return null;
            }

            FinishLocked(packetId, inFlight);
            return inFlight;
        }
    }

    private void FinishLocked(ushort packetId, InFlight inFlight)
    {
        _inFlight.Remove(packetId);
        AcknowledgeKeptLocked(inFlight.Copy);
        if (_peer is { } peer)
        {
            SendQueuedLocked(peer);
        }

        _feed?.Signal();
    }

    private void AcknowledgeKeptLocked(in MessageCopy copy)
    {
        if (copy.Sequence > 0 && kept!.TryAcknowledge(this, copy.Sequence))
        {
            (_acknowledging ??= []).Add(copy.Sequence);
        }
    }

    private void CountLocked(SendOutcome outcome, ReadOnlySpan<byte> topic)
    {
        if (outcome == SendOutcome.Sent)
        {
            CountSentLocked();
        }
        else
        {
            Drop(outcome == SendOutcome.Full ? DropReason.Slow : DropReason.Offline, topic);
        }
    }
}
