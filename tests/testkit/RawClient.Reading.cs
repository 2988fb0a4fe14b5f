using System.Net.WebSockets;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Testkit;

/// <content>What the server sends. A packet that is not right ends the reading, and whoever waits learns why.</content>
public sealed partial class RawClient
{
    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        try
        {
            while (await _stream.ReadAsync(buffer.AsMemory(length)) is > 0 and var received)
            {
                await (_readOn?.Task ?? Task.CompletedTask);
                length += received;
                var taken = HandleAll(buffer.AsSpan(0, length));
                buffer.AsSpan(taken, length - taken).CopyTo(buffer);
                length -= taken;
                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, 2 * buffer.Length);
                }
            }

            End(null);
        }
        catch (Exception exception) when (exception is IOException or WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            End(null);
        }
        catch (InvalidDataException exception)
        {
            End(exception);
        }
    }

    private void End(Exception? fault)
    {
        _messages.Writer.TryComplete(fault ?? new IOException("The connection is closed."));
        if (fault is null)
        {
            _closed.TrySetResult(Disconnect?.ReasonCode);
        }
        else
        {
            _closed.TrySetException(fault);
        }
    }

    private int HandleAll(ReadOnlySpan<byte> received)
    {
        var taken = 0;
        while (true)
        {
            switch (Frame.TryRead(received[taken..], Frame.PacketBytesMax, out var header))
            {
                case FrameStatus.NeedMore:
                    return taken;
                case FrameStatus.Complete:
                    Handle(header, received.Slice(taken + header.HeaderLength, header.BodyLength));
                    taken += header.TotalLength;
                    break;
                default:
                    throw new InvalidDataException($"The server sent no packet: {Convert.ToHexString(received[taken..Math.Min(received.Length, taken + 32)])}.");
            }
        }
    }

    private void Handle(FixedHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.Type)
        {
            case PacketType.Publish:
                HandlePublish(header, body);
                break;
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                HandleAcknowledgement(header, body);
                break;
            case PacketType.ConnAck:
                Check(ConnAckPacket.TryRead(body, header.Flags, Version, out var connAck, out var error), header, error);
                AnswerOf(header.Type, 0).TrySetResult(connAck!);
                break;
            case PacketType.SubAck:
                Check(SubAckPacket.TryRead(body, header.Flags, Version, out var subAck, out error), header, error);
                AnswerOf(header.Type, subAck!.PacketId).TrySetResult(subAck);
                break;
            case PacketType.UnsubAck:
                Check(UnsubAckPacket.TryRead(body, header.Flags, Version, out var unsubAck, out error), header, error);
                AnswerOf(header.Type, unsubAck!.PacketId).TrySetResult(unsubAck);
                break;
            case PacketType.Auth:
                Check(AuthPacket.TryRead(body, header.Flags, Version, Sender.Server, out var auth, out error), header, error);
                AnswerOf(header.Type, 0).TrySetResult(auth!);
                break;
            case PacketType.PingResp:
                AnswerOf(header.Type, 0).TrySetResult(header);
                break;
            case PacketType.Disconnect:
                Check(DisconnectPacket.TryRead(body, header.Flags, Version, Sender.Server, out var disconnect, out error), header, error);
                Disconnect = disconnect;
                break;
            default:
                throw new InvalidDataException($"A server does not send {header.Type}.");
        }
    }

    private void HandlePublish(FixedHeader header, ReadOnlySpan<byte> body)
    {
        Check(PublishPacket.TryRead(body, header.Flags, Version, Sender.Server, out var packet, out var error), header, error);
        var message = new ReceivedPublish(
            Encoding.UTF8.GetString(packet.Topic), packet.Payload.ToArray(), packet.QoS, packet.Dup, packet.Retain, packet.PacketId,
            packet.Properties.Encoded.ToArray());
        _messages.Writer.TryWrite(message);
        if (Acknowledges && message.QoS != QoS.AtMostOnce)
        {
            Acknowledge(message);
        }
    }

    private void HandleAcknowledgement(FixedHeader header, ReadOnlySpan<byte> body)
    {
        Check(Acknowledgement.TryRead(header.Type, body, header.Flags, Version, out var packet, out var error), header, error);
        if (header.Type == PacketType.PubRel)
        {
            Send(PacketType.PubComp, packet.PacketId);
            return;
        }

        AnswerOf(header.Type, packet.PacketId).TrySetResult(packet.ReasonCode);
    }

    private static void Check(bool isValid, FixedHeader header, ReasonCode error)
    {
        if (!isValid)
        {
            throw new InvalidDataException($"The server sent a {header.Type} that is not right: {error}.");
        }
    }
}
