using System.Buffers.Binary;

namespace IotPlatform.Bench.Load;

/// <summary>Where the parts of one PUBLISH lie.</summary>
internal readonly ref struct PublishFrame(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, ushort packetId)
{
    public ReadOnlySpan<byte> Topic { get; } = topic;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>0 at QoS 0.</summary>
    public ushort PacketId { get; } = packetId;

    /// <summary>Reads what follows the fixed header; false when it is not a PUBLISH of MQTT 3.1.1.</summary>
    public static bool TryRead(byte firstByte, ReadOnlySpan<byte> body, out PublishFrame frame)
    {
        frame = default;
        if (body.Length < 2)
        {
            return false;
        }

        var topicEnd = 2 + BinaryPrimitives.ReadUInt16BigEndian(body);
        var payloadAt = topicEnd + ((firstByte & 0x06) == 0 ? 0 : 2);
        if (payloadAt > body.Length)
        {
            return false;
        }

        var packetId = payloadAt == topicEnd ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(body[topicEnd..]);
        frame = new PublishFrame(body[2..topicEnd], body[payloadAt..], packetId);
        return true;
    }
}
