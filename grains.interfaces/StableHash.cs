using System.Text;

namespace IotPlatform;

/// <summary>A hash that is the same in every process and version: what it decides is a part of what is stored.</summary>
public static class StableHash
{
    /// <summary>Spreads bytes over 2^<paramref name="bits"/> values.</summary>
    /// <param name="bytes">What is hashed.</param>
    /// <param name="bits">1 to 32.</param>
    public static int Of(ReadOnlySpan<byte> bytes, int bits)
    {
        // 64-bit FNV-1a (offset basis and prime are the algorithm's own). Its low bits hang on the low bits of each byte only, so the high bits of a
        // product with 2^64 divided by the golden ratio decide.
        var hash = 14_695_981_039_346_656_037;
        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 1_099_511_628_211;
        }

        return (int)((hash * 11_400_714_819_323_198_485) >> (64 - bits));
    }

    /// <summary>Spreads texts, by their UTF-8.</summary>
    public static int Of(string text, int bits) => Of(Encoding.UTF8.GetBytes(text), bits);
}
