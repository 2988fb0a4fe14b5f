using System.Globalization;
using System.Text;

namespace IotPlatform.Topics;

/// <summary>Which retained messages belong together: a topic's shard is a part of what is stored, and never changes.</summary>
public static class RetainedShards
{
    /// <summary>How many there are: enough for a few silos to share the work, few enough to ask all of them for a filter with wildcards.</summary>
    public const int Count = 1 << CountBits;

    private const int CountBits = 4;

    private const string KeyPrefix = "retained/";

    /// <summary>The shard of a topic name.</summary>
    /// <param name="topic">In UTF-8.</param>
    /// <returns>0 to 15.</returns>
    public static int Of(ReadOnlySpan<byte> topic) => StableHash.Of(topic, CountBits);

    /// <summary>The shard of a topic name.</summary>
    public static int Of(string topic) => Of(Encoding.UTF8.GetBytes(topic));

    /// <summary>The key of a shard's grain.</summary>
    public static string KeyOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}{shard}");

    /// <summary>The shard of a grain's key.</summary>
    public static int FromKey(string key) => int.Parse(key.AsSpan(KeyPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture);
}
