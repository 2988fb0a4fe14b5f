namespace IotPlatform.Mqtt.Codec;

/// <summary>The Variable Byte Integer (section 1.5.5; Remaining Length in 3.1.1, section 2.2.3): seven bits a byte, least significant first.</summary>
public static class VariableInteger
{
    /// <summary>The largest value: four times seven bits.</summary>
    public const int Max = 268_435_455;

    /// <summary>The longest encoding.</summary>
    public const int BytesMax = 4;

    /// <summary>Bytes of the shortest encoding, the only one allowed [MQTT-1.5.5-1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or above <see cref="Max"/>.</exception>
    public static int Size(int value) => (uint)value switch
    {
        < 1u << 7 => 1,
        < 1u << 14 => 2,
        < 1u << 21 => 3,
        <= Max => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "A variable byte integer holds 28 bits."),
    };

    /// <summary>Writes the value and returns the number of bytes written.</summary>
    public static int Write(Span<byte> destination, int value)
    {
        var length = Size(value);
        for (var i = 0; i < length - 1; i++)
        {
            destination[i] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length - 1] = (byte)value;
        return length;
    }

    /// <summary>Reads a value from the start of the buffer. A fifth byte and an encoding that is longer than needed are malformed.</summary>
    public static FrameStatus TryRead(ReadOnlySpan<byte> buffer, out int value, out int length)
    {
        value = 0;
        for (length = 0; length < BytesMax && length < buffer.Length;)
        {
            var next = buffer[length];
            value |= (next & 0x7F) << (7 * length);
            length++;
            if (next < 0x80)
            {
                // [MQTT-1.5.5-1] A last byte of zero adds nothing: a shorter encoding exists.
                return next == 0 && length > 1 ? FrameStatus.Malformed : FrameStatus.Complete;
            }
        }

        return length == BytesMax ? FrameStatus.Malformed : FrameStatus.NeedMore;
    }
}
