using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace IotPlatform.Bench.Floor;

/// <summary>
/// The broadcasts that wait to be sent. What all connections share (message id and payload, the tail of the packet) is encoded once;
/// <see cref="EncodeFor"/> puts it together with one connection's head, for all waiting broadcasts in a row, so that one send carries them.
/// </summary>
internal sealed unsafe class FloorBatch
{
    // As many digits as the platform's own 64-bit ids have, so that the packets are of equal length.
    private const long FirstMessageId = 1_000_000_000_000_000_000;
    private const int MessageIdBytes = 19;
    private const int HeadBytesMax = 1 + 4 + 2 + 64;
    private const int BroadcastsMax = 4_096;
    private const int PacketsBytesMax = 1 << 20;

    private readonly byte* _packets = (byte*)NativeMemory.AllocZeroed(PacketsBytesMax + HeadBytesMax);
    private readonly byte* _tails = (byte*)NativeMemory.AllocZeroed(PacketsBytesMax);
    private readonly int[] _tailBytes = new int[BroadcastsMax];
    private readonly byte[] _firstBytes = new byte[BroadcastsMax];
    private int _tailsBytes;
    private long _sequence;

    public int Count { get; private set; }

    /// <summary>The id of the broadcast that is added next.</summary>
    public long NextMessageId => FirstMessageId + _sequence;

    public byte* Packets => _packets;

    /// <summary>Adds a broadcast whose payload starts with its sequence number; false when the batch is full.</summary>
    public bool TryAdd(int qos, int payloadBytes)
    {
        var packetIdBytes = qos == 0 ? 0 : sizeof(ushort);
        var tailBytes = MessageIdBytes + packetIdBytes + payloadBytes;
        if (Count == BroadcastsMax || _tailsBytes + tailBytes + ((Count + 1) * HeadBytesMax) > PacketsBytesMax)
        {
            return false;
        }

        var tail = new Span<byte>(_tails + _tailsBytes, tailBytes);
        Utf8Formatter.TryFormat(NextMessageId, tail, out _);
        if (qos > 0)
        {
            // The same for all connections, and not 0; its acknowledgement is not waited for.
            BinaryPrimitives.WriteUInt16BigEndian(tail[MessageIdBytes..], (ushort)(1 + (_sequence % ushort.MaxValue)));
        }

        PayloadPattern.Write(tail[(MessageIdBytes + packetIdBytes)..], _sequence++);
        _firstBytes[Count] = (byte)(0x30 | (qos << 1));
        _tailBytes[Count++] = tailBytes;
        _tailsBytes += tailBytes;
        return true;
    }

    /// <summary>The next broadcast is the first of another load.</summary>
    public void Restart() => _sequence = 0;

    public void Clear() => Count = _tailsBytes = 0;

    /// <summary>Encodes the whole batch for one connection into <see cref="Packets"/> and answers its length in bytes.</summary>
    public int EncodeFor(ReadOnlySpan<byte> topicPrefix)
    {
        var to = _packets;
        var tail = _tails;
        byte* head = null;
        var headBytes = 0;
        for (var index = 0; index < Count; index++)
        {
            var tailBytes = _tailBytes[index];
            if (index > 0 && tailBytes == _tailBytes[index - 1] && _firstBytes[index] == _firstBytes[index - 1])
            {
                Unsafe.CopyBlockUnaligned(to, head, (uint)headBytes);
            }
            else
            {
                head = to;
                headBytes = WriteHead(to, _firstBytes[index], topicPrefix, tailBytes);
            }

            Unsafe.CopyBlockUnaligned(to + headBytes, tail, (uint)tailBytes);
            to += headBytes + tailBytes;
            tail += tailBytes;
        }

        return (int)(to - _packets);
    }

    // PUBLISH: type and QoS, remaining length, topic length, topic; the tail continues the topic with the message id.
    private static int WriteHead(byte* to, byte firstByte, ReadOnlySpan<byte> topicPrefix, int tailBytes)
    {
        var at = to;
        *at++ = firstByte;
        for (var remaining = (uint)(2 + topicPrefix.Length + tailBytes); ;)
        {
            *at++ = (byte)(remaining < 0x80 ? remaining : remaining | 0x80);
            remaining >>= 7;
            if (remaining == 0)
            {
                break;
            }
        }

        BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(at, 2), (ushort)(topicPrefix.Length + MessageIdBytes));
        topicPrefix.CopyTo(new Span<byte>(at + 2, topicPrefix.Length));
        return (int)(at + 2 + topicPrefix.Length - to);
    }
}
