using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Fuzz;

/// <summary>What a server sends on one connection: every packet is one that it may send, there and then.</summary>
/// <param name="version">What the client speaks; null where its CONNECT may say anything.</param>
/// <param name="findings">Told of what is not.</param>
/// <param name="name">The connection.</param>
internal sealed class ServerPackets(ProtocolVersion? version, Findings findings, string name)
{
    private bool _hasConnAck;
    private bool _hasDisconnect;

    /// <summary>All that came.</summary>
    public int Bytes { get; private set; }

    public bool IsAccepted { get; private set; }

    public int PingResponses { get; private set; }

    /// <summary>Told of every packet, in their order.</summary>
    public Action<PacketType, byte[]>? Seen { get; init; }

    public void Take(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (Frame.TryRead(bytes, int.MaxValue, out var header) != FrameStatus.Complete)
            {
                findings.Add($"{name}: the server sent what is no packet: {Convert.ToHexString(bytes)}");
                return;
            }

            Take(header, bytes[..header.TotalLength]);
            bytes = bytes[header.TotalLength..];
        }
    }

    private void Take(FixedHeader header, ReadOnlySpan<byte> packet)
    {
        var body = packet[header.HeaderLength..];
        var isRight = version is { } known
            ? IsRight(header, body, known)
            : IsRight(header, body, ProtocolVersion.Mqtt500) || IsRight(header, body, ProtocolVersion.Mqtt311);
        if (!isRight)
        {
            findings.Add($"{name}: the server sent a packet that no client can read: {Convert.ToHexString(packet)}");
        }

        // [MQTT-3.2.0-1], [MQTT-3.14.4-1]
        if ((header.Type == PacketType.ConnAck) == _hasConnAck || _hasDisconnect)
        {
            findings.Add($"{name}: the server sent {header.Type} {(_hasDisconnect ? "behind its DISCONNECT" : _hasConnAck ? "twice" : "before CONNACK")}");
        }

        Seen?.Invoke(header.Type, packet.ToArray());
        _hasConnAck |= header.Type == PacketType.ConnAck;
        _hasDisconnect |= header.Type == PacketType.Disconnect;
        IsAccepted |= header.Type == PacketType.ConnAck && body[1] == 0;
        PingResponses += header.Type == PacketType.PingResp ? 1 : 0;
    }

    private bool IsRight(FixedHeader header, ReadOnlySpan<byte> body, ProtocolVersion spoken)
    {
        switch (header.Type)
        {
            case PacketType.ConnAck:
                return ConnAckPacket.TryRead(body, header.Flags, spoken, out _, out _);
            case PacketType.Publish:
                return PublishPacket.TryRead(body, header.Flags, spoken, Sender.Server, out _, out _);
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                return Acknowledgement.TryRead(header.Type, body, header.Flags, spoken, out _, out _);
            case PacketType.SubAck:
                return SubAckPacket.TryRead(body, header.Flags, spoken, out _, out _);
            case PacketType.UnsubAck:
                return UnsubAckPacket.TryRead(body, header.Flags, spoken, out _, out _);
            case PacketType.PingResp:
                return PingRespPacket.TryRead(body, header.Flags, out _);
            case PacketType.Disconnect:
                return spoken == ProtocolVersion.Mqtt500 && DisconnectPacket.TryRead(body, header.Flags, spoken, Sender.Server, out _, out _);
            default:
                return false;
        }
    }
}
