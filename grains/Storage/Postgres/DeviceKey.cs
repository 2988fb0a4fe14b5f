using IotPlatform.Devices;

namespace IotPlatform.Storage.Postgres;

/// <summary>
/// Stands for a device in keys and indexes, where it is compared in one step: 32 bits of its product's hash, then 32 of its name's. So a product's devices lie together. Devices may
/// share a key, of different products too: who looks by it names the device as well.
/// </summary>
internal static class DeviceKey
{
    private const int DeviceBits = 32;
    private const long DeviceMask = (1L << DeviceBits) - 1;

    public static long Of(DeviceId device) => FirstOf(device.ProductKey) | (HighBits(device.DeviceName) >>> DeviceBits);

    /// <summary>The least key of a product's devices.</summary>
    public static long FirstOf(string productKey) => HighBits(productKey);

    /// <summary>The greatest key of a product's devices.</summary>
    public static long LastOf(string productKey) => FirstOf(productKey) | DeviceMask;

    // The high bits: those that hang on all of a name. The migration that gave keys to older messages has the same in SQL.
    private static long HighBits(string text) => (long)StableHash.Of64(text) & ~DeviceMask;
}
