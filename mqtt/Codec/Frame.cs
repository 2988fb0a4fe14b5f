namespace IotPlatform.Mqtt.Codec;

/// <summary>Finds where packets start and end in a stream of bytes.</summary>
public static class Frame
{
    /// <summary>The longest packet the standard can express: five header bytes and the largest Remaining Length.</summary>
    public const int PacketBytesMax = 1 + VariableInteger.BytesMax + VariableInteger.Max;

    /// <summary>
    /// Looks at the packet that starts at the first byte of <paramref name="buffer"/>. The fixed header alone decides about refusal, so that an
    /// oversized packet costs no memory. <paramref name="header"/> is also set with <see cref="FrameStatus.NeedMore"/> once it is complete
    /// (its <see cref="FixedHeader.HeaderLength"/> is then above 0), so that a reader can take a buffer of the right size.
    /// </summary>
    /// <param name="buffer">The bytes at hand; may hold the start of later packets.</param>
    /// <param name="packetBytesMax">Bytes of the longest packet to accept, fixed header included (as Maximum Packet Size counts them).</param>
    /// <param name="header">The fixed header, or default when it is not complete or not valid.</param>
    public static FrameStatus TryRead(ReadOnlySpan<byte> buffer, int packetBytesMax, out FixedHeader header)
    {
        header = default;
        if (buffer.IsEmpty)
        {
            return FrameStatus.NeedMore;
        }

        if (!FixedHeader.IsValidFirstByte(buffer[0]))
        {
            return FrameStatus.Malformed;
        }

        var status = VariableInteger.TryRead(buffer[1..], out var bodyLength, out var lengthBytes);
        if (status != FrameStatus.Complete)
        {
            return status;
        }

        header = new FixedHeader((PacketType)(buffer[0] >> 4), (byte)(buffer[0] & 0x0F), 1 + lengthBytes, bodyLength);
        return header.TotalLength > packetBytesMax ? FrameStatus.TooLarge
            : header.TotalLength > buffer.Length ? FrameStatus.NeedMore
            : FrameStatus.Complete;
    }
}
