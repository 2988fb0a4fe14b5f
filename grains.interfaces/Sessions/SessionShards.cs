using System.Globalization;
using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <summary>Which sessions are kept together: a device's shard is a part of what is stored, and never changes.</summary>
public static class SessionShards
{
    /// <summary>How many there are: enough for a few silos to share the work, few enough for every gateway to follow all of them.</summary>
    public const int Count = 1 << CountBits;

    private const int CountBits = 4;

    private const string KeyPrefix = "sessions/";

    /// <summary>The shard of a device's session.</summary>
    /// <returns>0 to 15.</returns>
    public static int Of(DeviceId device) => StableHash.Of(device.ToString(), CountBits);

    /// <summary>The key of a shard's grain.</summary>
    public static string KeyOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}{shard}");

    /// <summary>The shard of a grain's key.</summary>
    public static int FromKey(string key) => int.Parse(key.AsSpan(KeyPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture);
}
