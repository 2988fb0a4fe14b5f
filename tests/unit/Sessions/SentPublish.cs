using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A PUBLISH as a client would read it.</summary>
internal sealed record SentPublish(string Topic, string Payload, QoS QoS, ushort PacketId, bool Dup, bool Retain, string Properties)
{
    /// <summary>Every packet in what was sent; anything but a PUBLISH fails.</summary>
    public static SentPublish[] In(IEnumerable<byte[]> sends, ProtocolVersion version = ProtocolVersion.Mqtt311) => [.. sends.SelectMany(bytes => In(bytes, version))];

    public static List<SentPublish> In(ReadOnlySpan<byte> bytes, ProtocolVersion version = ProtocolVersion.Mqtt311)
    {
        var packets = new List<SentPublish>();
        while (!bytes.IsEmpty)
        {
            Assert.Equal(FrameStatus.Complete, Frame.TryRead(bytes, int.MaxValue, out var header));
            Assert.Equal(PacketType.Publish, header.Type);
            Assert.True(PublishPacket.TryRead(bytes.Slice(header.HeaderLength, header.BodyLength), header.Flags, version, Sender.Server, out var packet, out _));
            packets.Add(new SentPublish(
                Encoding.UTF8.GetString(packet.Topic), Encoding.UTF8.GetString(packet.Payload), packet.QoS, packet.PacketId, packet.Dup, packet.Retain,
                Convert.ToHexString(packet.Properties.Encoded)));
            bytes = bytes[header.TotalLength..];
        }

        return packets;
    }
}
