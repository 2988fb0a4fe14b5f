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
    public static bool IsOwn(DeviceId device, ReadOnlySpan<byte> topic) => topic is [(byte)'/', .. var rest] && TrySkip(rest, device, out _);

    /// <summary>Whether it is in <c>/sys/{productKey}/{deviceName}/</c>.</summary>
    public static bool IsOwnSystem(DeviceId device, ReadOnlySpan<byte> topic) => topic.StartsWith(System) && TrySkip(topic[System.Length..], device, out _);

    /// <summary>Where a device gets a request that somebody waits for the answer of. Source: Alibaba Cloud IoT, RRPC.</summary>
    public static string InvocationRequest(DeviceId device, string requestId) => $"/sys/{device.ProductKey}/{device.DeviceName}/rrpc/request/{requestId}";

    /// <summary>Where it answers.</summary>
    public static string InvocationResponse(DeviceId device, string requestId) => $"/sys/{device.ProductKey}/{device.DeviceName}/rrpc/response/{requestId}";

    /// <summary>Whether a topic is one on which this device answers.</summary>
    /// <param name="device">The device.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="requestId">The request that it names; empty: none.</param>
    public static bool IsInvocationResponse(DeviceId device, ReadOnlySpan<byte> topic, out ReadOnlySpan<byte> requestId)
    {
        requestId = default;
        if (!topic.StartsWith(System) || !TrySkip(topic[System.Length..], device, out var rest) || !rest.StartsWith(Responses))
        {
            return false;
        }

        rest = rest[Responses.Length..];
        requestId = rest.IsEmpty ? default : rest[1..];
        return rest.IsEmpty || rest[0] == (byte)'/';
    }

    /// <summary>Whether it is in <c>/broadcast/{productKey}/</c>.</summary>
    public static bool IsBroadcastTo(string productKey, ReadOnlySpan<byte> topic) => topic.StartsWith(Broadcasts) && TrySkip(topic[Broadcasts.Length..], productKey, out _);

    private static ReadOnlySpan<byte> Responses => "rrpc/response"u8;

    private static bool TrySkip(ReadOnlySpan<byte> topic, DeviceId device, out ReadOnlySpan<byte> rest) =>
        TrySkip(topic, device.ProductKey, out rest) && TrySkip(rest, device.DeviceName, out rest);

    // A level, and the slash behind it.
    private static bool TrySkip(ReadOnlySpan<byte> topic, string level, out ReadOnlySpan<byte> rest)
    {
        var isThere = topic.Length > level.Length && topic[level.Length] == (byte)'/' && Ascii.Equals(topic[..level.Length], level);
        rest = isThere ? topic[(level.Length + 1)..] : default;
        return isThere;
    }
}
