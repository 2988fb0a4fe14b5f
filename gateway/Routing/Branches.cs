using System.Text;
using IotPlatform.Devices;

namespace IotPlatform.Routing;

/// <summary>What the topics of the platform and of its devices begin with. The names in them are ASCII (<see cref="Names"/>), so that nothing need be encoded to compare them.</summary>
internal static class Branches
{
    /// <summary>What the platform sends to devices and takes from them.</summary>
    public static ReadOnlySpan<byte> System => "/sys/"u8;

    /// <summary>All that is in it.</summary>
    public static ReadOnlySpan<byte> SystemFilter => "/sys/#"u8;

    /// <summary>Broadcasts that are subscribed to.</summary>
    public static ReadOnlySpan<byte> Broadcasts => "/broadcast/"u8;

    /// <summary>All that is in it.</summary>
    public static ReadOnlySpan<byte> BroadcastsFilter => "/broadcast/#"u8;

    /// <summary>Whether a topic, or a filter, is in <c>/{productKey}/{deviceName}/</c>.</summary>
    public static bool IsOwn(DeviceId device, ReadOnlySpan<byte> topic) => topic is [(byte)'/', .. var rest] && BeginsWith(rest, device);

    /// <summary>Whether it is in <c>/sys/{productKey}/{deviceName}/</c>.</summary>
    public static bool IsOwnSystem(DeviceId device, ReadOnlySpan<byte> topic) => topic.StartsWith(System) && BeginsWith(topic[System.Length..], device);

    /// <summary>Whether it is in <c>/broadcast/{productKey}/</c>.</summary>
    public static bool IsBroadcastTo(string productKey, ReadOnlySpan<byte> topic) => topic.StartsWith(Broadcasts) && TrySkip(topic[Broadcasts.Length..], productKey, out _);

    private static bool BeginsWith(ReadOnlySpan<byte> topic, DeviceId device) =>
        TrySkip(topic, device.ProductKey, out var rest) && TrySkip(rest, device.DeviceName, out _);

    // A level, and the slash behind it.
    private static bool TrySkip(ReadOnlySpan<byte> topic, string level, out ReadOnlySpan<byte> rest)
    {
        var isThere = topic.Length > level.Length && topic[level.Length] == (byte)'/' && Ascii.Equals(topic[..level.Length], level);
        rest = isThere ? topic[(level.Length + 1)..] : default;
        return isThere;
    }
}
