using System.Buffers;
using System.Buffers.Binary;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Messages;

/// <summary>One client that publishes at QoS 1 to topics of one length.</summary>
internal sealed class MqttPublisherConnection : IDisposable
{
    // CONNACK and PUBACK, all that comes here, have four bytes each.
    private const int AnswerBytes = 4;
    private const byte PubAck = 0x40;

    private readonly MessageLedger _ledger;
    private readonly int _underWayMax;
    private readonly byte[] _packet;
    private readonly int _nameAt;
    private readonly int _packetIdAt;
    private readonly ArrayBufferWriter<byte> _out = new(256 * 1024);
    private readonly byte[] _answers = new byte[64 * 1024];

    // Under way together are fewer than there are packet ids, and answers come in order.
    private readonly int[] _sequenceOf = new int[ushort.MaxValue + 1];
    private int _answersBytes;
    private int _underWay;
    private ushort _lastPacketId;

    public MqttPublisherConnection(int port, DeviceNames clients, int client, byte[] topic, SendLoad load, MessageLedger ledger)
    {
        _ledger = ledger;
        _underWayMax = load.UnderWay;
        var payload = new byte[load.PayloadBytes];
        PayloadPattern.Write(payload, 0);

        // PUBLISH, QoS 1: type, remaining length, topic, packet id, payload.
        _packet = [0x32, .. LengthOf(2 + topic.Length + 2 + payload.Length), (byte)(topic.Length >> 8), (byte)topic.Length, .. topic, 0, 1, .. payload];
        _packetIdAt = _packet.Length - payload.Length - 2;
        _nameAt = _packetIdAt - topic.Length + "/sys/".Length + DeviceNames.DemoProduct.Length + "/".Length;
        Descriptor = RawSocket.Connect(port);
        RawSocket.SendAll(Descriptor, ConnectPacket.Connect(clients, client, DeviceIdentity.Any(clients, client), ConnectPacket.LongKeepAlive));
    }

    public int Descriptor { get; }

    public bool MayPublish => _underWay < _underWayMax;

    /// <summary>Publishes with the next <see cref="Flush"/>.</summary>
    public void Publish(int device, int sequence)
    {
        // Packet id 0 is not allowed.
        _lastPacketId = _lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastPacketId + 1);
        _sequenceOf[_lastPacketId] = sequence;
        _underWay++;
        MessageFleet.Names.Write(_packet.AsSpan(_nameAt), device);
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(_packetIdAt), _lastPacketId);
        BinaryPrimitives.WriteInt64LittleEndian(_packet.AsSpan(_packetIdAt + 2), sequence);
        _out.Write(_packet);
    }

    public void Flush()
    {
        if (_out.WrittenCount > 0)
        {
            RawSocket.SendAll(Descriptor, _out.WrittenSpan);
            _out.ResetWrittenCount();
        }
    }

    /// <summary>Takes the answers that are there.</summary>
    public void Receive()
    {
        var received = RawSocket.ReceiveWaiting(Descriptor, _answers.AsSpan(_answersBytes));
        if (received == 0)
        {
            throw new EndOfStreamException("The broker closed a publisher's connection.");
        }

        _answersBytes += Math.Max(received, 0);
        var at = 0;
        for (; at + AnswerBytes <= _answersBytes; at += AnswerBytes)
        {
            if (_answers[at] == PubAck)
            {
                _underWay--;
                _ledger.Answer(_sequenceOf[BinaryPrimitives.ReadUInt16BigEndian(_answers.AsSpan(at + 2))]);
            }
        }

        _answers.AsSpan(at, _answersBytes - at).CopyTo(_answers);
        _answersBytes -= at;
    }

    public void Dispose() => RawSocket.Close(Descriptor);

    private static byte[] LengthOf(int remaining) =>
        remaining < 0x80 ? [(byte)remaining] : [(byte)(remaining | 0x80), .. LengthOf(remaining >> 7)];
}
