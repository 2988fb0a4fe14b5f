using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A packet as a client would read it.</summary>
internal sealed record EdgePacket(PacketType Type, ushort PacketId, ReasonCode Reason, IReadOnlyList<ReasonCode> Codes, SentPublish? Publish)
{
    public ConnAckPacket? ConnAck { get; private init; }

    public AuthPacket? Auth { get; private init; }

    public static List<EdgePacket> In(ReadOnlySpan<byte> bytes, ProtocolVersion version)
    {
        var packets = new List<EdgePacket>();
        while (!bytes.IsEmpty)
        {
            Assert.Equal(FrameStatus.Complete, Frame.TryRead(bytes, int.MaxValue, out var header));
            packets.Add(Read(header, bytes[..header.TotalLength], version));
            bytes = bytes[header.TotalLength..];
        }

        return packets;
    }

    private static EdgePacket Read(FixedHeader header, ReadOnlySpan<byte> frame, ProtocolVersion version)
    {
        var body = frame[header.HeaderLength..];
        switch (header.Type)
        {
            case PacketType.ConnAck:
                Assert.True(ConnAckPacket.TryRead(body, header.Flags, version, out var connAck, out _));
                return new EdgePacket(header.Type, 0, connAck.ReasonCode, [], null) { ConnAck = connAck };
            case PacketType.Publish:
                var publish = SentPublish.In(frame, version)[0];
                return new EdgePacket(header.Type, publish.PacketId, default, [], publish);
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                Assert.True(Acknowledgement.TryRead(header.Type, body, header.Flags, version, out var acknowledgement, out _));
                return new EdgePacket(header.Type, acknowledgement.PacketId, acknowledgement.ReasonCode, [], null);
            case PacketType.SubAck:
                Assert.True(SubAckPacket.TryRead(body, header.Flags, version, out var subAck, out _));
                return new EdgePacket(header.Type, subAck.PacketId, default, subAck.ReasonCodes, null);
            case PacketType.UnsubAck:
                Assert.True(UnsubAckPacket.TryRead(body, header.Flags, version, out var unsubAck, out _));
                return new EdgePacket(header.Type, unsubAck.PacketId, default, unsubAck.ReasonCodes, null);
            case PacketType.Disconnect:
                Assert.True(DisconnectPacket.TryRead(body, header.Flags, version, Sender.Server, out var disconnect, out _));
                return new EdgePacket(header.Type, 0, disconnect.ReasonCode, [], null);
            case PacketType.Auth:
                Assert.True(AuthPacket.TryRead(body, header.Flags, version, Sender.Server, out var auth, out _));
                return new EdgePacket(header.Type, 0, auth.ReasonCode, [], null) { Auth = auth };
            default:
                return new EdgePacket(header.Type, 0, default, [], null);
        }
    }
}
