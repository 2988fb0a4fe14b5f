using System.Collections.Immutable;
using System.Text;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Sessions.Kept;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>What its client subscribes to.</content>
internal sealed partial class MqttConnection
{
    private ReceiveOutcome HandleSubscribe(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!SubscribePacket.TryRead(body, header.Flags, Version, out var packet, out var error))
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
        _session!.SendBehind(Connection, request.ToSubAck(Terms));
        Subscribed(request);
        Connection.Resume();
    }

    // What waits for a subscription goes out behind the SUBACK.
    private void Subscribed(SubscribeRequest request)
    {
        _ = TellAsync(Device.SubscribedAsync(Attachment));
        Shard.Subscribed(this);
        if (request.RetainedFor is { Count: > 0 } retainedFor)
        {
            _session!.SendRetained(retainedFor, this, services.Retained, services.Time, services.Logger);
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
        else if (!Topics.MaySubscribe(permitted))
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
        if (!UnsubscribePacket.TryRead(body, header.Flags, Version, out var packet, out var error))
        {
            return Refuse(error);
        }

        var codes = new ReasonCode[packet.Filters.Count];
        var unsubAck = new UnsubAckPacket { PacketId = packet.PacketId, ReasonCodes = codes };
        if (unsubAck.EncodedSize(Version) > MaximumPacketSize)
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

        responses.Write(unsubAck.ToArray(Version));
        return ReceiveOutcome.Continue;
    }

    // A later connection must not find what was unsubscribed from.
    private async Task AnswerUnsubscribeAsync(KeptSession kept, UnsubscribePacket packet, UnsubAckPacket unsubAck)
    {
        try
        {
            await kept.ChangeAsync(added: [], [.. packet.Filters]).ConfigureAwait(false);
            _session!.SendBehind(Connection, unsubAck.ToArray(Version));
        }
        catch (Exception exception)
        {
            // 3.1.1 has no word for it: the client asks again.
            LogGrainFailed(services.Logger, exception, ConnectionId);
            Disconnect(ReasonCode.UnspecifiedError);
        }

        Connection.Resume();
    }
}
