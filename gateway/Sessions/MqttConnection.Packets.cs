using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
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
            trace.Received(PacketNote.Read(header, body, Version, Sender.Client));
        }

        switch (header.Type)
        {
            case PacketType.Publish:
                var outcome = HandlePublish(header, body, ref responses);
                return _seldom?.Rate is { } rate && outcome == ReceiveOutcome.Continue ? KeepWithin(rate, header.TotalLength, ref responses) : outcome;
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

    private ReceiveOutcome HandlePingReq(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!PingReqPacket.TryRead(body, header.Flags, out var error))
        {
            return Refuse(error);
        }

        responses.Write(PingRespPacket.Encoded);
        return ReceiveOutcome.Continue;
    }

    private ReceiveOutcome HandleDisconnect(FixedHeader header, ReadOnlySpan<byte> body)
    {
        if (!DisconnectPacket.TryRead(body, header.Flags, Version, Sender.Client, out var packet, out var error))
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
            _seldom?.TakeWill();
            _session!.DiscardsWill = true;
        }

        Interlocked.Exchange(ref _state, (int)ConnectionState.Closed);
        Connection.Close(isGraceful: false);
        return ReceiveOutcome.Stop;
    }

    private void ForwardAcknowledgements()
    {
        if (_acknowledged is { Count: > 0 })
        {
            services.Shards.Acknowledgements.Add(this, Device, new AcknowledgeRequest(Attachment, [.. _acknowledged]));
            _acknowledged = null;
        }
    }
}
