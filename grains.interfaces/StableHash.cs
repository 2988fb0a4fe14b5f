using System.Text;

namespace IotPlatform;

/// <summary>A hash that is the same in every process and version: what it decides is a part of what is stored.</summary>
public static class StableHash
{
    private const int StackBytesMax = 512;

    /// <summary>Spreads bytes over 2^<paramref name="bits"/> values.</summary>
    /// <param name="bytes">What is hashed.</param>
    /// <param name="bits">1 to 32.</param>
    public static int Of(ReadOnlySpan<byte> bytes, int bits) => Spread(Of64(bytes), bits);

    /// <summary>Stands for bytes among many: 64-bit FNV-1a. Offset basis and prime are the algorithm's own.</summary>
    public static ulong Of64(ReadOnlySpan<byte> bytes)
    {
        var hash = 14_695_981_039_346_656_037;
        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 1_099_511_628_211;
        }

        return hash;
    }

    /// <summary>Stands for a text among many, by its UTF-8.</summary>
    public static ulong Of64(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[most];
        return Of64(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    /// <summary>Spreads texts, by their UTF-8.</summary>
    public static int Of(string text, int bits) => Spread(Of64(text), bits);

    // The low bits of the hash hang on the low bits of each byte only, so the high bits of a product with 2^64 divided by the golden ratio decide.
    private static int Spread(ulong hash, int bits) => (int)((hash * 11_400_714_819_323_198_485) >> (64 - bits));
}
