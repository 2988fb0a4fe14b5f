using System.Collections.Immutable;
using System.Text;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing;
using IotPlatform.Sessions.Kept;
using IotPlatform.Tracing;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>The packets of an open connection.</content>
internal sealed partial class MqttConnection
{
    private ReceiveOutcome HandleOpen(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (_trace is { } trace && header.Type != PacketType.Publish)
        {
            trace.Received(PacketNote.Read(header, body, _version, Sender.Client));
        }

        switch (header.Type)
        {
            case PacketType.Publish:
                var outcome = HandlePublish(header, body, ref responses);
                return _rate is { } rate && outcome == ReceiveOutcome.Continue ? KeepWithin(rate, header.TotalLength, ref responses) : outcome;
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
            case PacketType.Auth:
                responses.Flush();
                return HandleAuth(header, body);
            default:
                // [MQTT-3.1.0-2] a second CONNECT; packets that only a server sends.
                return Refuse(ReasonCode.ProtocolError);
        }
    }

    private ReceiveOutcome HandlePublish(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!PublishPacket.TryRead(body, header.Flags, _version, Sender.Client, out var packet, out var error))
        {
            return Refuse(error);
        }

        if (packet.Properties.TopicAlias is { } alias && !TryResolve(alias, ref packet))
        {
            // [MQTT-3.3.2-8], [MQTT-3.3.2-9]
            return Refuse(ReasonCode.TopicAliasInvalid);
        }

        _trace?.Received(new PacketNote(PacketType.Publish, 0, "", packet.QoS, header.TotalLength, "").With(packet));
        Volatile.Write(ref _messagesReceived, _messagesReceived + 1);
        services.Instruments.Received();
        if (packet.QoS > QoS.AtMostOnce && _version == ProtocolVersion.Mqtt500 && NotDoneCount >= services.Options.Session.ReceiveMaximum)
        {
            services.Instruments.Limited(ClientLimit.ReceiveMaximum);

            // [MQTT-3.3.4-7]; section 3.3.4: more than CONNACK allowed.
            return Refuse(ReasonCode.ReceiveMaximumExceeded);
        }

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

    // A client that waits already, for what is not done, owes until its next publish.
    private ReceiveOutcome KeepWithin(PublishRate rate, int packetBytes, ref ResponseBuffer responses)
    {
        var delay = rate.Take(packetBytes);
        if (delay <= TimeSpan.Zero)
        {
            return ReceiveOutcome.Continue;
        }

        services.Instruments.Limited(ClientLimit.PublishRate);
        responses.Flush();
        if (services.Options.Client.RateExceeded == RateExceededAction.Disconnect)
        {
            return Refuse(ReasonCode.MessageRateTooHigh);
        }

        _isDelayed = true;
        _ = GoOnAsync(delay);
        return ReceiveOutcome.Pause;
    }

    private async Task GoOnAsync(TimeSpan delay)
    {
        await Task.Delay(delay, services.Time).ConfigureAwait(false);
        _lastSeen = services.Watch.Now;
        _isDelayed = false;
        transport.Resume();
    }

    // Those at QoS 1 wait for somebody else's answer, if they wait at all; those at QoS 2 for their release as well.
    private int NotDoneCount => (_deferred?.AtLeastOnceCount ?? 0) + (_session!.Received?.Count ?? 0);

    private bool TryResolve(ushort alias, ref PublishPacket packet)
    {
        if (services.Options.Session.TopicAliasMax == 0)
        {
            return false;
        }

        var topic = packet.Topic;
        _aliases ??= new ReceivedAliases(services.Options.Session.TopicAliasMax);
        if (!_aliases.TryResolve(alias, ref topic))
        {
            return false;
        }

        packet = new PublishPacket
        {
            Topic = topic,
            Payload = packet.Payload,
            Properties = packet.Properties,
            PacketId = packet.PacketId,
            Flags = packet.Flags,
        };
        return true;
    }

    private static PacketType AcknowledgementOf(QoS qos) => qos == QoS.ExactlyOnce ? PacketType.PubRec : PacketType.PubAck;

    private ValueTask<ReasonCode> ReceiveExactlyOnce(in PublishPacket packet)
    {
        var received = _session!.Received ??= new ReceivedPublishes(_session.Kept);
        return received.TryTake(packet.PacketId, out var isKnown, out var publishId, out var earlier)
            ? received.Settle(packet.PacketId, Route(packet, isKnown, publishId))
            : earlier;
    }

    private ReceiveOutcome Defer(in PublishPacket packet, ValueTask<ReasonCode> outcome, ref ResponseBuffer responses)
    {
        _deferred ??= new DeferredAcknowledgements(transport, Terms, this);

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
    /// <param name="packet">The publish.</param>
    /// <param name="isKnown">At QoS 2, completes when it may be sent on; null: at once.</param>
    /// <param name="publishId">At QoS 2, what all copies of it are known by.</param>
    /// <returns>Its reason code; not complete where somebody else has to answer first. By then the packet's memory is not its own any more.</returns>
    private ValueTask<ReasonCode> Route(in PublishPacket packet, Task? isKnown = null, long publishId = 0)
    {
        if (RefusalOfPublish(packet.Topic) is { } refusal)
        {
            _session!.Drop(refusal == ReasonCode.NotAuthorized ? DropReason.NotPermitted : DropReason.InvalidTopic, packet.Topic);
            if (_version == ProtocolVersion.Mqtt311 && services.Options.Client.RefusedPublish == RefusedPublishAction.Close)
            {
                Disconnect(refusal);
            }

            return new(refusal);
        }

        return packet.Retain || isKnown is not null || _session!.LastPublish is { IsCompleted: false }
            ? services.Publisher.PublishAsync(_session, packet, AnswerTo(packet.QoS), isKnown, publishId)
            : services.Router.Publish(_session, packet).WhenAcceptedAsync();
    }

    private ReasonCode? RefusalOfPublish(ReadOnlySpan<byte> topic)
    {
        if (!services.TopicLimits.Allow(topic))
        {
            services.Instruments.Limited(ClientLimit.Topic);
            return ReasonCode.TopicNameInvalid;
        }

        return _topics!.MayPublish(topic) ? null : ReasonCode.NotAuthorized;
    }

    private PublishAnswer AnswerTo(QoS qos) =>
        qos == QoS.AtMostOnce ? PublishAnswer.None : _version == ProtocolVersion.Mqtt500 ? PublishAnswer.ReasonCode : PublishAnswer.Closing;

    private void Acknowledge(PacketType type, ushort packetId, ReasonCode reason, ref ResponseBuffer responses)
    {
        var room = reason.IsFailure() ? ReasonTerms.AcknowledgementBytesMax : Acknowledgement.BytesMax;
        responses.Advance(Terms.Write(responses.Reserve(room), type, packetId, reason));
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
                HandlePubRec(packet, ref responses);
                break;
            case PacketType.PubRel:
                var release = _session!.Received is { } received ? received.ReleaseAsync(packet.PacketId) : new(false);
                if (release.IsCompletedSuccessfully)
                {
                    Acknowledge(PacketType.PubComp, packet.PacketId, ReasonOf(release.Result), ref responses);
                }
                else
                {
                    _ = CompleteAsync(packet.PacketId, release);
                }

                break;
            default:
                _session!.Completed(packet.PacketId);
                break;
        }

        return ReceiveOutcome.Continue;
    }

    private void HandlePubRec(in Acknowledgement packet, ref ResponseBuffer responses)
    {
        if (_session!.Arrived(packet.PacketId, packet.ReasonCode) is { Copy.Sequence: > 0 and var sequence })
        {
            // A later connection must go on with the release, and not with the message. [MQTT-4.6.0-4] In the order of the PUBRECs.
            _lastRelease = ReleaseAsync(_lastRelease, _session.Kept!.ReceivedAsync(sequence), packet.PacketId);
        }
        else if (!packet.ReasonCode.IsFailure())
        {
            // An unknown packet id is released too, so that the client can forget it.
            Acknowledge(PacketType.PubRel, packet.PacketId, ReasonOf(_session.IsInFlight(packet.PacketId)), ref responses);
        }
    }

    private async Task ReleaseAsync(Task before, Task kept, ushort packetId)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (await IsDoneAsync(kept).ConfigureAwait(false))
        {
            SendAcknowledgement(PacketType.PubRel, packetId, ReasonCode.Success);
        }
    }

    private async Task CompleteAsync(ushort packetId, ValueTask<bool> released)
    {
        if (await IsDoneAsync(released.AsTask()).ConfigureAwait(false))
        {
            SendAcknowledgement(PacketType.PubComp, packetId, ReasonCode.Success);
        }
    }

    // What can not be kept is not acknowledged: the client says it again on its next connection.
    private async Task<bool> IsDoneAsync(Task kept)
    {
        await kept.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!kept.IsCompletedSuccessfully)
        {
            Disconnect(ReasonCode.QuotaExceeded);
        }

        return kept.IsCompletedSuccessfully;
    }

    private void SendAcknowledgement(PacketType type, ushort packetId, ReasonCode reason)
    {
        Span<byte> buffer = stackalloc byte[Acknowledgement.BytesMax];
        _session!.SendBehind(transport, buffer[..Acknowledgement.Write(buffer, type, packetId, reason, _version)]);
    }

    private static ReasonCode ReasonOf(bool isKnown) => isKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;

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

        // [MQTT-3.8.4-5] As a sequence of SUBSCRIBE packets with one filter each: each filter has its own retained messages.
        var request = new SubscribeRequest(packet);
        if (request.ToSubAck(Terms) is null)
        {
            // [MQTT-3.1.2-24] It could not be answered.
            return Refuse(ReasonCode.PacketTooLarge);
        }

        for (var i = 0; i < request.Count; i++)
        {
            Subscribe(request, i);
        }

        var effective = WhenEffective(request);
        if (!effective.IsCompletedSuccessfully)
        {
            responses.Flush();
            _ = AnswerSubscribeAsync(request, effective);
            return ReceiveOutcome.Pause;
        }

        responses.Write(request.ToSubAck(Terms));
        responses.Flush();

        Subscribed(request);
        return ReceiveOutcome.Continue;
    }

    private Task WhenEffective(SubscribeRequest request)
    {
        var here = services.Router.WhenEffective();
        return _session!.Kept is { } kept && request.ToKeep is { IsEmpty: false } added
            ? Task.WhenAll(here, KeepAsync(kept, request, added))
            : here;
    }

    // What is not kept is not subscribed to.
    private async Task KeepAsync(KeptSession kept, SubscribeRequest request, ImmutableArray<SessionSubscription> added)
    {
        ReasonCode reason;
        try
        {
            reason = await kept.ChangeAsync(added, removed: []).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogGrainFailed(services.Logger, exception, ConnectionId);
            reason = ReasonCode.UnspecifiedError;
        }

        if (reason == ReasonCode.Success)
        {
            return;
        }

        foreach (var filter in request.Fail(reason))
        {
            _session!.TryUnsubscribe(filter);
            services.Router.Unsubscribe(_session, filter);
        }
    }

    // Whoever publishes after the SUBACK, wherever, reaches this client.
    private async Task AnswerSubscribeAsync(SubscribeRequest request, Task effective)
    {
        await effective.ConfigureAwait(false);
        _session!.SendBehind(transport, request.ToSubAck(Terms));
        Subscribed(request);
        transport.Resume();
    }

    // What waits for a subscription goes out behind the SUBACK.
    private void Subscribed(SubscribeRequest request)
    {
        _ = TellAsync(Device.SubscribedAsync(Attachment));
        if (request.RetainedFor is { Count: > 0 } retainedFor)
        {
            _session!.SendRetained(retainedFor, _peer!, services.Retained, services.Time, services.Logger);
        }
    }

    private void Subscribe(SubscribeRequest request, int place)
    {
        var filter = request.Filter(place);
        var isShared = SharedSubscription.TryParse(filter, out _, out var topicFilter);
        var permitted = isShared ? topicFilter : filter;
        if (!TopicFilter.IsValid(permitted))
        {
            request.Refuse(place, ReasonCode.TopicFilterInvalid);
        }
        else if (!services.TopicLimits.Allow(permitted))
        {
            services.Instruments.Limited(ClientLimit.Topic);
            request.Refuse(place, ReasonCode.TopicFilterInvalid);
        }
        else if (ConformanceProfile.Denies(services.Options, permitted))
        {
            request.Refuse(place, ReasonCode.UnspecifiedError);
        }
        else if (!_topics!.MaySubscribe(permitted))
        {
            request.Refuse(place, ReasonCode.NotAuthorized);
        }
        else if (!_session!.TrySubscribe(filter, request.Terms(place), out var isNew))
        {
            services.Instruments.Limited(ClientLimit.Subscriptions);
            request.Refuse(place, ReasonCode.QuotaExceeded);
        }
        else if (!TryRoute(_session, filter, request.Terms(place)))
        {
            _session.TryUnsubscribe(filter);
            services.Instruments.Limited(ClientLimit.Filters);
            request.Refuse(place, ReasonCode.QuotaExceeded);
        }
        else
        {
            request.Grant(place, isShared, isNew);
        }
    }

    private bool TryRoute(Session session, byte[] filter, SubscriptionTerms terms)
    {
        if (!services.Router.TrySubscribe(session, filter, terms))
        {
            return false;
        }

        if (session.IsEnded)
        {
            // Taken over meanwhile: a session that has ended must leave nothing behind.
            services.Router.Unsubscribe(session, filter);
        }

        return true;
    }

    private ReceiveOutcome HandleUnsubscribe(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!UnsubscribePacket.TryRead(body, header.Flags, _version, out var packet, out var error))
        {
            return Refuse(error);
        }

        var codes = new ReasonCode[packet.Filters.Count];
        var unsubAck = new UnsubAckPacket { PacketId = packet.PacketId, ReasonCodes = codes };
        if (unsubAck.EncodedSize(_version) > _peer!.MaximumPacketSize)
        {
            // [MQTT-3.1.2-24] It could not be answered.
            return Refuse(ReasonCode.PacketTooLarge);
        }

        for (var i = 0; i < codes.Length; i++)
        {
            var filter = Encoding.UTF8.GetBytes(packet.Filters[i]);
            codes[i] = _session!.TryUnsubscribe(filter) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted;
            services.Router.Unsubscribe(_session, filter);
        }

        if (_session!.Kept is { } kept)
        {
            responses.Flush();
            _ = AnswerUnsubscribeAsync(kept, packet, unsubAck);
            return ReceiveOutcome.Pause;
        }

        responses.Write(unsubAck.ToArray(_version));
        return ReceiveOutcome.Continue;
    }

    // A later connection must not find what was unsubscribed from.
    private async Task AnswerUnsubscribeAsync(KeptSession kept, UnsubscribePacket packet, UnsubAckPacket unsubAck)
    {
        try
        {
            await kept.ChangeAsync(added: [], [.. packet.Filters]).ConfigureAwait(false);
            _session!.SendBehind(transport, unsubAck.ToArray(_version));
        }
        catch (Exception exception)
        {
            // 3.1.1 has no word for it: the client asks again.
            LogGrainFailed(services.Logger, exception, ConnectionId);
            Disconnect(ReasonCode.UnspecifiedError);
        }

        transport.Resume();
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
                // [MQTT-3.1.2-23]; section 3.14.2.2.2: a session that was to end with its connection stays so.
                return Refuse(ReasonCode.ProtocolError);
            }

            var wanted = TimeSpan.FromSeconds(seconds);
            _session.Expiry = wanted < services.Options.Session.ExpiryMax ? wanted : services.Options.Session.ExpiryMax;
        }

        // [MQTT-3.14.4-3] A client that says goodbye leaves no will, unless it asks for it.
        if (packet.ReasonCode != ReasonCode.DisconnectWithWill)
        {
            Interlocked.Exchange(ref _will, null);
            _session!.DiscardsWill = true;
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
