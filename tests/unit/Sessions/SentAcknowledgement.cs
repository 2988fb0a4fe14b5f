using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A PUBACK or PUBREC as a client would read it.</summary>
internal sealed record SentAcknowledgement(PacketType Type, ushort PacketId, ReasonCode Reason)
{
    /// <summary>Every acknowledgement in what was sent; anything else fails.</summary>
    public static List<SentAcknowledgement> In(FakeConnection connection, ProtocolVersion version)
    {
        byte[] sent;
        lock (connection.Sent)
        {
            sent = [.. connection.Sent.SelectMany(static bytes => bytes)];
        }

        var acknowledgements = new List<SentAcknowledgement>();
        for (var rest = sent.AsSpan(); !rest.IsEmpty;)
        {
            Assert.Equal(FrameStatus.Complete, Frame.TryRead(rest, int.MaxValue, out var header));
            Assert.Contains(header.Type, new[] { PacketType.PubAck, PacketType.PubRec });
            Assert.True(Acknowledgement.TryRead(header.Type, rest.Slice(header.HeaderLength, header.BodyLength), header.Flags, version, out var packet, out _));
            acknowledgements.Add(new SentAcknowledgement(header.Type, packet.PacketId, packet.ReasonCode));
            rest = rest[header.TotalLength..];
        }

        return acknowledgements;
    }
}
