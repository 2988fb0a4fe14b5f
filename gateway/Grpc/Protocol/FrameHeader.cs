using System.Buffers;
using System.Buffers.Binary;

namespace IotPlatform.Grpc.Protocol;

/// <summary>What stands before each message: <c>flag(1) length(4, big-endian)</c>. [PROTOCOL-HTTP2 Length-Prefixed-Message]</summary>
internal readonly record struct FrameHeader(byte Flag, uint Length)
{
    /// <summary>The bytes that a header takes.</summary>
    public const int Size = 5;

    /// <summary>The message is compressed as <c>grpc-encoding</c> says.</summary>
    public const byte Compressed = 1;

    /// <summary>Reads the header at the start of <paramref name="buffer"/>; false when more bytes are needed.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> buffer, out FrameHeader header)
    {
        if (buffer.Length < Size)
        {
            header = default;
            return false;
        }

        Span<byte> bytes = stackalloc byte[Size];
        buffer.Slice(0, Size).CopyTo(bytes);
        header = new(bytes[0], BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]));
        return true;
    }

    /// <summary>Writes the header.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var bytes = output.GetSpan(Size);
        bytes[0] = Flag;
        BinaryPrimitives.WriteUInt32BigEndian(bytes[1..], Length);
        output.Advance(Size);
    }
}
