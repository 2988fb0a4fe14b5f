using System.Buffers.Binary;

namespace IotPlatform.Bench;

/// <summary>What every benchmark payload holds: a 64-bit little-endian sequence number, then a fixed pattern that a receiver can check.</summary>
internal static class PayloadPattern
{
    /// <summary>A payload has at least its sequence number.</summary>
    public const int BytesMin = sizeof(long);

    public static void Write(Span<byte> payload, long sequence)
    {
        BinaryPrimitives.WriteInt64LittleEndian(payload, sequence);
        for (var index = BytesMin; index < payload.Length; index++)
        {
            payload[index] = (byte)((index * 31) + 7);
        }
    }
}
