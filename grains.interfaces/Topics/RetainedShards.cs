using System.Globalization;
using System.Text;

namespace IotPlatform.Topics;

/// <summary>Which retained messages belong together: a topic's shard is a part of what is stored, and never changes.</summary>
public static class RetainedShards
{
    /// <summary>How many there are: enough for a few silos to share the work, few enough to ask all of them for a filter with wildcards.</summary>
    public const int Count = 16;

    private const string KeyPrefix = "retained/";

    /// <summary>The shard of a topic name.</summary>
    /// <param name="topic">In UTF-8.</param>
    /// <returns>0 to 15.</returns>
    public static int Of(ReadOnlySpan<byte> topic)
    {
        // 64-bit FNV-1a (offset basis and prime are the algorithm's own). Its low bits hang on the low bits of each byte only, so the high bits of a
        // product with 2^64 divided by the golden ratio decide.
        var hash = 14_695_981_039_346_656_037;
        foreach (var value in topic)
        {
            hash = (hash ^ value) * 1_099_511_628_211;
        }

        return (int)((hash * 11_400_714_819_323_198_485) >> 60);
    }

    /// <summary>The shard of a topic name.</summary>
    public static int Of(string topic) => Of(Encoding.UTF8.GetBytes(topic));

    /// <summary>The key of a shard's grain.</summary>
    public static string KeyOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}{shard}");

    /// <summary>The shard of a grain's key.</summary>
    public static int FromKey(string key) => int.Parse(key.AsSpan(KeyPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture);
}
