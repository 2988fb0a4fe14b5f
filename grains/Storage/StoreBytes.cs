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
}
