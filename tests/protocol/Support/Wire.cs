using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Mqtt.Tests.Support;

/// <summary>Reads any packet to a value and writes any value, as a connection would: framing first, then the packet's own reader.</summary>
internal static class Wire
{
    /// <summary>Reads the one packet that the bytes hold; null with the reason when it is refused.</summary>
    public static object? Read(ReadOnlySpan<byte> bytes, ProtocolVersion version, Sender sender, out ReasonCode error)
    {
        switch (Frame.TryRead(bytes, Frame.PacketBytesMax, out var header))
        {
            case FrameStatus.Complete:
                Assert.Equal(bytes.Length, header.TotalLength);
                return ReadBody(header, bytes[header.HeaderLength..], version, sender, out error);
            case FrameStatus.Malformed:
                error = ReasonCode.MalformedPacket;
                return null;
            default:
                throw new InvalidOperationException("The bytes are not one whole packet.");
        }
    }

    /// <summary>Reads a body without framing, for flags that framing would refuse too.</summary>
    public static object? ReadBody(FixedHeader header, ReadOnlySpan<byte> body, ProtocolVersion version, Sender sender, out ReasonCode error)
    {
        object? value = header.Type switch
        {
            PacketType.Connect => ConnectPacket.TryRead(body, header.Flags, out var packet, out error) ? packet : null,
            PacketType.ConnAck => ConnAckPacket.TryRead(body, header.Flags, version, out var packet, out error) ? packet : null,
            PacketType.Publish => PublishPacket.TryRead(body, header.Flags, version, sender, out var packet, out error) ? PublishValue.Of(packet) : null,
            >= PacketType.PubAck and <= PacketType.PubComp
                => Acknowledgement.TryRead(header.Type, body, header.Flags, version, out var packet, out error) ? AcknowledgementValue.Of(packet) : null,
            PacketType.Subscribe => SubscribePacket.TryRead(body, header.Flags, version, out var packet, out error) ? packet : null,
            PacketType.SubAck => SubAckPacket.TryRead(body, header.Flags, version, out var packet, out error) ? packet : null,
            PacketType.Unsubscribe => UnsubscribePacket.TryRead(body, header.Flags, version, out var packet, out error) ? packet : null,
            PacketType.UnsubAck => UnsubAckPacket.TryRead(body, header.Flags, version, out var packet, out error) ? packet : null,
            PacketType.PingReq => PingReqPacket.TryRead(body, header.Flags, out error) ? new PingValue(header.Type) : null,
            PacketType.PingResp => PingRespPacket.TryRead(body, header.Flags, out error) ? new PingValue(header.Type) : null,
            PacketType.Disconnect => DisconnectPacket.TryRead(body, header.Flags, version, sender, out var packet, out error) ? packet : null,
            PacketType.Auth => AuthPacket.TryRead(body, header.Flags, version, sender, out var packet, out error) ? packet : null,
            _ => throw new InvalidOperationException($"No packet type {header.Type}."),
        };
        Assert.Equal(value is null, error != ReasonCode.Success);
        return value;
    }

    /// <summary>Writes a value, and checks that it is as long as it said before.</summary>
    public static byte[] Write(object value, ProtocolVersion version)
    {
        switch (value)
        {
            case PublishValue publish:
                return publish.Encode(version);
            case AcknowledgementValue acknowledgement:
                return acknowledgement.Encode(version);
            case PingValue ping:
                return (ping.Type == PacketType.PingReq ? PingReqPacket.Encoded : PingRespPacket.Encoded).ToArray();
            default:
                var packet = (ControlPacket)value;
                var bytes = new byte[packet.EncodedSize(version)];
                Assert.Equal(bytes.Length, packet.Write(bytes, version));
                return bytes;
        }
    }
}
