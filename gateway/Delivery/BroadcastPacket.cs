using System.Buffers.Binary;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Delivery;

/// <summary>
/// The PUBLISH of a broadcast as all receivers of one version and quality of service get it: whole but for the receiver's name within the topic, and the packet
/// identifier. Two copies around the name make a receiver's packet.
/// </summary>
internal sealed class BroadcastPacket
{
    private readonly QoS _qos;
    private readonly byte[] _before;
    private readonly byte[] _after;
    private readonly int _topicLength;

    /// <summary>Where in what follows the name the packet identifier is; at QoS 0 there is none.</summary>
    private readonly int _packetIdAt;

    /// <param name="version">The receivers' version.</param>
    /// <param name="qos">Their quality of service.</param>
    /// <param name="topic">The topic; its middle is the receiver's, and empty here.</param>
    /// <param name="properties">Left out in 3.1.1.</param>
    /// <param name="payload">The application message.</param>
    public BroadcastPacket(ProtocolVersion version, QoS qos, TopicParts topic, PropertyParts properties, ReadOnlySpan<byte> payload)
    {
        _qos = qos;
        _topicLength = topic.Length;
        _before = topic.Prefix.ToArray();
        _packetIdAt = topic.Suffix.Length;
        var tailAt = _packetIdAt + (qos == QoS.AtMostOnce ? 0 : sizeof(ushort));
        _after = new byte[tailAt + PublishWriter.TailSize(version, properties, payload.Length)];
        topic.Suffix.CopyTo(_after);
        PublishWriter.WriteTail(_after.AsSpan(tailAt), version, properties, payload);
    }

    /// <summary>Bytes of the packet.</summary>
    public int Size(int nameLength)
    {
        var remaining = Remaining(nameLength);
        return 1 + VariableInteger.Size(remaining) + remaining;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> destination, ReadOnlySpan<byte> name, PublishFlags flags, ushort packetId)
    {
        destination[0] = (byte)(((byte)PacketType.Publish << 4) | flags.Bits);
        var at = 1 + VariableInteger.Write(destination[1..], Remaining(name.Length));
        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)(_topicLength + name.Length));
        at += sizeof(ushort);
        _before.CopyTo(destination[at..]);
        at += _before.Length;
        name.CopyTo(destination[at..]);
        at += name.Length;
        _after.CopyTo(destination[at..]);
        if (_qos > QoS.AtMostOnce)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[(at + _packetIdAt)..], packetId);
        }

        return at + _after.Length;
    }

    private int Remaining(int nameLength) => sizeof(ushort) + _before.Length + nameLength + _after.Length;
}
