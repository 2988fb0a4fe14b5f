using System.Buffers.Binary;

namespace IotPlatform.Bench.Http2;

/// <summary>One frame. [RFC 9113, 4.1]: length (24), type (8), flags (8), reserved (1), stream identifier (31), payload.</summary>
internal readonly ref struct Http2Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
{
    public const int HeaderBytes = 9;

    /// <summary>What every peer takes, and what this one takes at most.</summary>
    public const int PayloadBytesMax = 16_384;

    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte ResetStream = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;

    public const byte Acknowledgement = 0x1;
    public const byte EndStream = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;

    public byte Type { get; } = type;

    public int Stream { get; } = stream;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    public bool Has(byte flag) => (flags & flag) != 0;

    /// <summary>Reads the first frame; false when more bytes are needed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Http2Frame frame)
    {
        frame = default;
        if (bytes.Length < HeaderBytes)
        {
            return false;
        }

        var payloadBytes = (bytes[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
        if (payloadBytes > PayloadBytesMax)
        {
            throw new InvalidDataException($"The server sent a frame of {payloadBytes} bytes.");
        }

        if (bytes.Length < HeaderBytes + payloadBytes)
        {
            return false;
        }

        var stream = (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes[5..]) & int.MaxValue);
        frame = new Http2Frame(bytes[3], bytes[4], stream, bytes.Slice(HeaderBytes, payloadBytes));
        return true;
    }

    public static void WriteHeader(Span<byte> bytes, int payloadBytes, byte type, byte flags, int stream)
    {
        bytes[0] = (byte)(payloadBytes >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[1..], (ushort)payloadBytes);
        bytes[3] = type;
        bytes[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(bytes[5..], stream);
    }
}
