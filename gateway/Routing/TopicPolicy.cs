using System.Text;
using IotPlatform.Devices;

namespace IotPlatform.Routing;

/// <summary>Which topics a client may use. Every device has its own branches; the free topics are an extra that is open in development only.</summary>
internal sealed class TopicPolicy
{
    private readonly byte[] _ownBranch;
    private readonly byte[] _ownSystemBranch;
    private readonly byte[] _productBroadcasts;
    private readonly bool _hasFreeTopics;

    public TopicPolicy(DeviceId device, bool hasFreeTopics)
    {
        _ownBranch = Encoding.UTF8.GetBytes($"/{device.ProductKey}/{device.DeviceName}/");
        _ownSystemBranch = Encoding.UTF8.GetBytes($"/sys/{device.ProductKey}/{device.DeviceName}/");
        _productBroadcasts = Encoding.UTF8.GetBytes($"/broadcast/{device.ProductKey}/");
        _hasFreeTopics = hasFreeTopics;
    }

    public bool MayPublish(ReadOnlySpan<byte> topic) => IsOwn(topic) || (_hasFreeTopics && IsFree(topic));

    /// <param name="filter">Without a share name.</param>
    public bool MaySubscribe(ReadOnlySpan<byte> filter) =>
        IsOwn(filter) || filter.StartsWith(_productBroadcasts) || (_hasFreeTopics && (IsFree(filter) || filter[0] is (byte)'#' or (byte)'+'));

    // A wildcard within the branch's own levels does not begin with the branch, so it is refused here.
    private bool IsOwn(ReadOnlySpan<byte> topic) => topic.StartsWith(_ownBranch) || topic.StartsWith(_ownSystemBranch);

    private static bool IsFree(ReadOnlySpan<byte> topic) =>
        topic[0] != (byte)'$' && !topic.StartsWith("/sys/"u8) && !topic.StartsWith("/broadcast/"u8) && !topic.StartsWith("/+/"u8) && !topic.StartsWith("/#"u8);
}
