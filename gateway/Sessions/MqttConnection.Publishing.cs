using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Routing;
using IotPlatform.Tracing;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>What its client publishes.</content>
internal sealed partial class MqttConnection
{
    private ReceiveOutcome HandlePublish(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!PublishPacket.TryRead(body, header.Flags, Version, Sender.Client, out var packet, out var error))
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
        if (packet.QoS > QoS.AtMostOnce && Version == ProtocolVersion.Mqtt500 && NotDoneCount >= services.Options.Session.ReceiveMaximum)
        {
            services.Instruments.Limited(ClientLimit.ReceiveMaximum);

            // [MQTT-3.3.4-7]; section 3.3.4: more than CONNACK allowed.
            return Refuse(ReasonCode.ReceiveMaximumExceeded);
        }

        var outcome = packet.QoS == QoS.ExactlyOnce ? ReceiveExactlyOnce(packet) : Route(packet);
        if (!outcome.IsCompletedSuccessfully || (packet.QoS != QoS.AtMostOnce && _seldom?.Deferred is { IsEmpty: false }))
        {
            return Defer(packet, outcome, ref responses);
        }

        var reason = outcome.Result;
        if (packet.QoS == QoS.AtMostOnce)
        {
            return ReceiveOutcome.Continue;
        }

        if (reason.IsNotTaken() && Version == ProtocolVersion.Mqtt311)
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
        Connection.Resume();
    }

    // Those at QoS 1 wait for somebody else's answer, if they wait at all; those at QoS 2 for their release as well.
    private int NotDoneCount => (_seldom?.Deferred?.AtLeastOnceCount ?? 0) + (_session!.Received?.Count ?? 0);

    private bool TryResolve(ushort alias, ref PublishPacket packet)
    {
        if (services.Options.Session.TopicAliasMax == 0)
        {
            return false;
        }

        var topic = packet.Topic;
        var aliases = Seldom.Aliases ??= new ReceivedAliases(services.Options.Session.TopicAliasMax);
        if (!aliases.TryResolve(alias, ref topic))
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
        var deferred = Seldom.Deferred ??= new DeferredAcknowledgements(Connection, Terms, this);

        // What is in the buffer comes before it.
        responses.Flush();
        deferred.Add(outcome, AcknowledgementOf(packet.QoS), packet.PacketId, packet.Topic.Length + packet.Payload.Length + packet.Properties.Encoded.Length);
        if (!deferred.TryPause())
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
        if (RefusalOfPublish(packet.Topic, Topics) is { } refusal)
        {
            _session!.Drop(refusal == ReasonCode.NotAuthorized ? DropReason.NotPermitted : DropReason.InvalidTopic, packet.Topic);
            if (Version == ProtocolVersion.Mqtt311 && services.Options.Client.RefusedPublish == RefusedPublishAction.Close)
            {
                Disconnect(refusal);
            }

            return new(refusal);
        }

        if (Branches.IsInvocationResponse(_session!.Device, packet.Topic, out var requestId))
        {
            return TakeAnswer(packet, requestId, isKnown);
        }

        return packet.Retain || isKnown is not null || _session!.LastPublish is { IsCompleted: false }
            ? services.Publisher.PublishAsync(_session, packet, AnswerTo(packet.QoS), isKnown, publishId)
            : services.Router.Publish(_session, packet).WhenAcceptedAsync();
    }

    private ReasonCode? RefusalOfPublish(ReadOnlySpan<byte> topic, TopicPolicy topics)
    {
        if (!services.TopicLimits.Allow(topic))
        {
            services.Instruments.Limited(ClientLimit.Topic);
            return ReasonCode.TopicNameInvalid;
        }

        return topics.MayPublish(topic) ? null : ReasonCode.NotAuthorized;
    }

    private PublishAnswer AnswerTo(QoS qos) =>
        qos == QoS.AtMostOnce ? PublishAnswer.None : Version == ProtocolVersion.Mqtt500 ? PublishAnswer.ReasonCode : PublishAnswer.Closing;

    private void Acknowledge(PacketType type, ushort packetId, ReasonCode reason, ref ResponseBuffer responses)
    {
        var room = reason.IsFailure() ? ReasonTerms.AcknowledgementBytesMax : Acknowledgement.BytesMax;
        responses.Advance(Terms.Write(responses.Reserve(room), type, packetId, reason));
    }
}
