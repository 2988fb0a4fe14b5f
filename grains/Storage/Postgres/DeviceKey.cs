using IotPlatform.Devices;

namespace IotPlatform.Storage.Postgres;

/// <summary>
/// Stands for a device in keys and indexes, where it is compared in one step: 24 bits of its product's hash, then 40 of its name's. So a product's devices lie together. Two devices
/// may share a key: who looks by it names the device as well, and with a message's sequence it is unique.
/// </summary>
internal static class DeviceKey
{
    private const int DeviceBits = 40;
    private const long DeviceMask = (1L << DeviceBits) - 1;
    private const int ProductBits = 64 - DeviceBits;
    private const long ProductMask = (1L << ProductBits) - 1;

    public static long Of(DeviceId device) => FirstOf(device.ProductKey) | Folded(device.DeviceName, DeviceBits, DeviceMask);

    /// <summary>The least key of a product's devices.</summary>
    public static long FirstOf(string productKey) => Folded(productKey, ProductBits, ProductMask) << DeviceBits;

    /// <summary>The greatest key of a product's devices.</summary>
    public static long LastOf(string productKey) => FirstOf(productKey) | DeviceMask;

    // As FNV's authors make it shorter. The migration that gave keys to older messages has it in SQL.
    private static long Folded(string text, int bits, long mask)
    {
        var hash = (long)StableHash.Of64(text);
        return ((hash >> bits) ^ hash) & mask;
    }
}
