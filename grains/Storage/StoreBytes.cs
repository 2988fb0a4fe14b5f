using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace IotPlatform.Storage;

/// <summary>Bytes on their way to the store.</summary>
internal static class StoreBytes
{
    /// <summary>The array that ADO.NET wants: the very one where the bytes fill it, otherwise a copy.</summary>
    public static byte[] ToStored(this ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : bytes.ToArray();

    /// <summary>Numbers as eight bytes each, the lowest first.</summary>
    public static byte[] Of(ImmutableArray<ulong> numbers)
    {
        var bytes = new byte[sizeof(ulong) * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(sizeof(ulong) * i), numbers[i]);
        }

        return bytes;
    }

    /// <summary>The numbers again.</summary>
    public static ulong[] Numbers(byte[] bytes)
    {
        var numbers = new ulong[bytes.Length / sizeof(ulong)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(sizeof(ulong) * i));
        }

        return numbers;
    }
}
