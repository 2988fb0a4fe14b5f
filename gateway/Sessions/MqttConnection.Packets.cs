using System.Text;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>The packets of an open connection.</content>
internal sealed partial class MqttConnection
{
    private ReceiveOutcome HandleOpen(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        switch (header.Type)
        {
            case PacketType.Publish:
                return HandlePublish(header, body, ref responses);
            case PacketType.PubAck:
            case PacketType.PubRec:
            case PacketType.PubRel:
            case PacketType.PubComp:
                return HandleAcknowledgement(header, body, ref responses);
            case PacketType.PingReq:
                return HandlePingReq(header, body, ref responses);
            case PacketType.Subscribe:
                return HandleSubscribe(header, body, ref responses);
            case PacketType.Unsubscribe:
                return HandleUnsubscribe(header, body, ref responses);
            case PacketType.Disconnect:
                return HandleDisconnect(header, body);
            default:
                // [MQTT-3.1.0-2] a second CONNECT; AUTH without an authentication; packets that only a server sends.
                return Refuse(ReasonCode.ProtocolError);
        }
    }

    private ReceiveOutcome HandlePublish(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!PublishPacket.TryRead(body, header.Flags, _version, Sender.Client, out var packet, out var error))
        {
            return Refuse(error);
        }

        if (packet.Properties.HasTopicAlias)
        {
            // CONNACK allowed none [MQTT-3.2.2-17].
            return Refuse(ReasonCode.TopicAliasInvalid);
        }

        services.Instruments.Received();
        var outcome = packet.QoS == QoS.ExactlyOnce ? ReceiveExactlyOnce(packet) : Route(packet);
        if (!outcome.IsCompletedSuccessfully || (packet.QoS != QoS.AtMostOnce && _deferred is { IsEmpty: false }))
        {
            return Defer(packet, outcome, ref responses);
        }

        var reason = outcome.Result;
        if (packet.QoS == QoS.AtMostOnce)
        {
            return ReceiveOutcome.Continue;
        }

        if (reason.IsNotTaken() && _version == ProtocolVersion.Mqtt311)
        {
            responses.Flush();
            return Refuse(reason);
        }

        Acknowledge(AcknowledgementOf(packet.QoS), packet.PacketId, reason, ref responses);
        return ReceiveOutcome.Continue;
    }

    private static PacketType AcknowledgementOf(QoS qos) => qos == QoS.ExactlyOnce ? PacketType.PubRec : PacketType.PubAck;

    private ValueTask<ReasonCode> ReceiveExactlyOnce(in PublishPacket packet) =>
        _session!.TryReceive(packet.PacketId, out var earlier) ? _session.Receive(packet.PacketId, Route(packet)) : earlier;

    private ReceiveOutcome Defer(in PublishPacket packet, ValueTask<ReasonCode> outcome, ref ResponseBuffer responses)
    {
        _deferred ??= new DeferredAcknowledgements(transport, _version, this);

        // What is in the buffer comes before it.
        responses.Flush();
        _deferred.Add(outcome, AcknowledgementOf(packet.QoS), packet.PacketId, packet.Topic.Length + packet.Payload.Length + packet.Properties.Encoded.Length);
        if (!_deferred.TryPause())
        {
            return ReceiveOutcome.Continue;
        }

        services.Instruments.Paused();
        return ReceiveOutcome.Pause;
    }

    /// <summary>Sends a publish on.</summary>
    /// <returns>Its reason code; not complete where somebody else has to answer first. By then the packet's memory is not its own any more.</returns>
    private ValueTask<ReasonCode> Route(in PublishPacket packet)
    {
        if (!_topics!.MayPublish(packet.Topic))
        {
            services.Instruments.Dropped(DropReason.NotPermitted);
            return new(ReasonCode.NotAuthorized);
        }

        return packet.Retain || _session!.LastPublish is { IsCompleted: false }
            ? services.Publisher.PublishAsync(_session, packet, AnswerTo(packet.QoS))
            : services.Router.Publish(_session, packet).WhenAcceptedAsync();
    }

    private PublishAnswer AnswerTo(QoS qos) =>
        qos == QoS.AtMostOnce ? PublishAnswer.None : _version == ProtocolVersion.Mqtt500 ? PublishAnswer.ReasonCode : PublishAnswer.Closing;

    private void Acknowledge(PacketType type, ushort packetId, ReasonCode reason, ref ResponseBuffer responses)
    {
        // 3.1.1 has no reason codes: what was refused is acknowledged all the same [MQTT-3.3.5-2].
        var code = _version == ProtocolVersion.Mqtt500 ? reason : ReasonCode.Success;
        responses.Advance(Acknowledgement.Write(responses.Reserve(Acknowledgement.BytesMax), type, packetId, code, _version));
    }

    private ReceiveOutcome HandleAcknowledgement(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!Acknowledgement.TryRead(header.Type, body, header.Flags, _version, out var packet, out var error))
        {
            return Refuse(error);
        }

        switch (header.Type)
        {
            case PacketType.PubAck:
                if (_session!.Acknowledged(packet.PacketId) is { DeviceMessageId: { } messageId })
                {
                    (_acknowledged ??= []).Add(messageId);
                }

                break;
            case PacketType.PubRec:
                // An unknown packet id is released too, so that the client can forget it.
                var isKnown = _session!.Received(packet.PacketId, packet.ReasonCode);
                if (isKnown || !packet.ReasonCode.IsFailure())
                {
                    Acknowledge(PacketType.PubRel, packet.PacketId, isKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound, ref responses);
                }

                break;
            case PacketType.PubRel:
                var reason = _session!.TryRelease(packet.PacketId) ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
                Acknowledge(PacketType.PubComp, packet.PacketId, reason, ref responses);
                break;
            default:
                _session!.Completed(packet.PacketId);
                break;
        }

        return ReceiveOutcome.Continue;
    }

    private ReceiveOutcome HandlePingReq(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!PingReqPacket.TryRead(body, header.Flags, out var error))
        {
            return Refuse(error);
        }

        responses.Write(PingRespPacket.Encoded);
        return ReceiveOutcome.Continue;
    }

    private ReceiveOutcome HandleSubscribe(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!SubscribePacket.TryRead(body, header.Flags, _version, out var packet, out var error))
        {
            return Refuse(error);
        }

        if (packet.SubscriptionIdentifier is not null)
        {
            return Refuse(ReasonCode.SubscriptionIdentifiersNotSupported);
        }

        // [MQTT-3.8.4-5] As a sequence of SUBSCRIBE packets with one filter each: each filter has its own retained messages.
        var codes = new ReasonCode[packet.Subscriptions.Count];
        List<byte[]>? retainedFor = null;
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = Subscribe(packet.Subscriptions[i], ref retainedFor);
        }

        var subAck = new SubAckPacket { PacketId = packet.PacketId, ReasonCodes = codes }.ToArray(_version);
        var effective = services.Router.WhenEffective();
        if (!effective.IsCompleted)
        {
            responses.Flush();
            _ = AnswerSubscribeAsync(effective, subAck, retainedFor);
            return ReceiveOutcome.Pause;
        }

        responses.Write(subAck);
        responses.Flush();

        Subscribed(retainedFor);
        return ReceiveOutcome.Continue;
    }

    // Whoever publishes after the SUBACK, wherever, reaches this client.
    private async Task AnswerSubscribeAsync(Task effective, byte[] subAck, List<byte[]>? retainedFor)
    {
        await effective.ConfigureAwait(false);
        _session!.SendBehind(transport, subAck);
        Subscribed(retainedFor);
        transport.Resume();
    }

    // What waits for a subscription goes out behind the SUBACK.
    private void Subscribed(List<byte[]>? retainedFor)
    {
        _ = TellAsync(Device.SubscribedAsync(Attachment));
        if (retainedFor is not null)
        {
            _session!.SendRetained(retainedFor, _peer!, services.Retained, services.Time, services.Logger);
        }
    }

    private ReasonCode Subscribe(TopicSubscription subscription, ref List<byte[]>? retainedFor)
    {
        var filter = Encoding.UTF8.GetBytes(subscription.Filter);
        var isShared = SharedSubscription.TryParse(filter, out _, out var topicFilter);
        var permitted = isShared ? topicFilter : filter;
        if (!TopicFilter.IsValid(permitted, SubscriptionTrie<Session, SubscriptionOptions>.LevelsMaxDefault))
        {
            return ReasonCode.TopicFilterInvalid;
        }

        if (!_topics!.MaySubscribe(permitted))
        {
            return ReasonCode.NotAuthorized;
        }

        if (!_session!.TrySubscribe(filter, subscription.Options, out var isNew))
        {
            return ReasonCode.QuotaExceeded;
        }

        if (!services.Router.TrySubscribe(_session, filter, subscription.Options))
        {
            _session.TryUnsubscribe(filter);
            return ReasonCode.QuotaExceeded;
        }

        if (_session.IsEnded)
        {
            // Taken over meanwhile, with a clean start: a session that has ended must leave nothing behind.
            services.Router.Unsubscribe(_session, filter);
        }

        // [MQTT-3.3.1-9], [MQTT-3.3.1-10], [MQTT-3.3.1-11]; section 4.8.2: what is retained is for no shared subscription.
        var handling = subscription.Options.RetainHandling;
        if (!isShared && (handling == RetainHandling.Send || (handling == RetainHandling.SendIfNew && isNew)))
        {
            (retainedFor ??= []).Add(filter);
        }

        return (ReasonCode)subscription.Options.QoS;
    }

    private ReceiveOutcome HandleUnsubscribe(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!UnsubscribePacket.TryRead(body, header.Flags, _version, out var packet, out var error))
        {
            return Refuse(error);
        }

        var codes = new ReasonCode[packet.Filters.Count];
        for (var i = 0; i < codes.Length; i++)
        {
            var filter = Encoding.UTF8.GetBytes(packet.Filters[i]);
            codes[i] = _session!.TryUnsubscribe(filter) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted;
            services.Router.Unsubscribe(_session, filter);
        }

        responses.Write(new UnsubAckPacket { PacketId = packet.PacketId, ReasonCodes = codes }.ToArray(_version));
        return ReceiveOutcome.Continue;
    }

    private ReceiveOutcome HandleDisconnect(FixedHeader header, ReadOnlySpan<byte> body)
    {
        if (!DisconnectPacket.TryRead(body, header.Flags, _version, Sender.Client, out var packet, out var error))
        {
            return Refuse(error);
        }

        if (packet.SessionExpiryInterval is { } seconds)
        {
            if (_session!.Expiry == TimeSpan.Zero && seconds > 0)
            {
                // Section 3.14.2.2.2: a session that was to end with its connection stays so.
                return Refuse(ReasonCode.ProtocolError);
            }

            var wanted = TimeSpan.FromSeconds(seconds);
            _session.Expiry = wanted < services.Options.Session.ExpiryMax ? wanted : services.Options.Session.ExpiryMax;
        }

        // [MQTT-3.14.4-3] A client that says goodbye leaves no will, unless it asks for it.
        if (packet.ReasonCode != ReasonCode.DisconnectWithWill)
        {
            Interlocked.Exchange(ref _will, null);
        }

        Interlocked.Exchange(ref _state, (int)ConnectionState.Closed);
        transport.Close(isGraceful: false);
        return ReceiveOutcome.Stop;
    }

    private void ForwardAcknowledgements()
    {
        if (_acknowledged is { Count: > 0 })
        {
            _shard!.Acknowledgements.Add(this, Device, new AcknowledgeRequest(Attachment, [.. _acknowledged]));
            _acknowledged = null;
        }
    }
}
