using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>Acknowledgements, of both sides.</content>
internal sealed partial class MqttConnection
{
    private ReceiveOutcome HandleAcknowledgement(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        if (!Acknowledgement.TryRead(header.Type, body, header.Flags, Version, out var packet, out var error))
        {
            return Refuse(error);
        }

        switch (header.Type)
        {
            case PacketType.PubAck:
                switch (_session!.Acknowledged(packet.PacketId))
                {
                    case { DeviceMessageId: { } messageId }:
                        (_acknowledged ??= []).Add(messageId);
                        break;
                    case { Message: BroadcastFrame { Ongoing: { } broadcast }, IsRepeated: var isRepeated }:
                        broadcast.Acknowledged(_session, isRepeated);
                        break;
                    default:
                        break;
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
            Seldom.LastRelease = ReleaseAsync(Seldom.LastRelease, _session.Kept!.ReceivedAsync(sequence), packet.PacketId);
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
        _session!.SendBehind(Connection, buffer[..Acknowledgement.Write(buffer, type, packetId, reason, Version)]);
    }

    private static ReasonCode ReasonOf(bool isKnown) => isKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
}
