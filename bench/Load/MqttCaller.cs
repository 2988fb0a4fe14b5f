using System.Buffers.Binary;
using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Broadcasts on a broker that knows no broadcast: one connection publishes to a topic to which every device is subscribed.
/// It publishes with QoS 1, so that the broker's PUBACK stands for the answer of the call; devices get what they subscribed with.
/// </summary>
internal sealed class MqttCaller : IBroadcastCaller
{
    private static readonly DeviceNames Names = new('p');

    private readonly int _descriptor;
    private readonly byte[] _packet;
    private readonly int _packetIdAt;
    private readonly byte[] _answers = new byte[16 * 1024];
    private readonly int[] _sequenceOf = new int[ushort.MaxValue + 1];
    private DeliveryLedger? _ledger;
    private int _answersBytes;

    public MqttCaller(int port, byte[] topic, int payloadBytes)
    {
        _descriptor = RawSocket.Connect(port);
        RawSocket.SendAll(_descriptor, ConnectPacket.Connect(Names, 0, DeviceIdentity.Any(Names, 0), ConnectPacket.LongKeepAlive));
        _packet = PacketFor(topic, payloadBytes);
        _packetIdAt = _packet.Length - payloadBytes - 2;
    }

    public void Open(Epoll epoll, DeliveryLedger ledger)
    {
        _ledger = ledger;
        epoll.Watch(_descriptor, Epoll.Readable, 0);
    }

    public void Call(int sequence)
    {
        // Packet id 0 is not allowed.
        var packetId = (ushort)(1 + (sequence % ushort.MaxValue));
        _sequenceOf[packetId] = sequence;
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(_packetIdAt), packetId);
        BinaryPrimitives.WriteInt64LittleEndian(_packet.AsSpan(_packetIdAt + 2), sequence);
        RawSocket.SendAll(_descriptor, _packet);
    }

    public void Handle(int token)
    {
        var received = RawSocket.ReceiveWaiting(_descriptor, _answers.AsSpan(_answersBytes));
        if (received == 0)
        {
            throw new EndOfStreamException("The broker closed the publisher's connection.");
        }

        _answersBytes += Math.Max(received, 0);

        // CONNACK and PUBACK, all that comes here, have four bytes each.
        var at = 0;
        for (; at + 4 <= _answersBytes; at += 4)
        {
            if (_answers[at] == 0x40)
            {
                _ledger!.Answer(_sequenceOf[BinaryPrimitives.ReadUInt16BigEndian(_answers.AsSpan(at + 2))], Receipt.None);
            }
        }

        _answers.AsSpan(at, _answersBytes - at).CopyTo(_answers);
        _answersBytes -= at;
    }

    public void Dispose() => RawSocket.Close(_descriptor);

    // PUBLISH, QoS 1: type, remaining length, topic, packet id, payload; the last two are set for each call.
    private static byte[] PacketFor(byte[] topic, int payloadBytes)
    {
        var payload = new byte[payloadBytes];
        PayloadPattern.Write(payload, 0);
        return [0x32, .. LengthOf(2 + topic.Length + 2 + payloadBytes), (byte)(topic.Length >> 8), (byte)topic.Length, .. topic, 0, 1, .. payload];
    }

    private static byte[] LengthOf(int remaining) =>
        remaining < 0x80 ? [(byte)remaining] : [(byte)(remaining | 0x80), .. LengthOf(remaining >> 7)];
}
