using System.Collections.Immutable;
using System.Text;
using IotPlatform.Devices;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Products;
using IotPlatform.Sessions;

namespace IotPlatform.Routing;

/// <summary>
/// Which topics a client may use. Every device has its own branches, and what its product's permissions say; the free topics are an extra that is open in
/// development only.
/// </summary>
internal sealed class TopicPolicy
{
    /// <summary>Levels of a permitted filter: what can be subscribed to has no more.</summary>
    private const int LevelsMax = SubscriptionTrie<Session, SubscriptionTerms>.LevelsMaxDefault;

    private const string ProductKeyVariable = "${productKey}";
    private const string DeviceNameVariable = "${deviceName}";

    private readonly DeviceId _device;
    private readonly byte[][] _published;
    private readonly byte[][] _subscribed;
    private readonly bool _hasFreeTopics;

    public TopicPolicy(DeviceId device, bool hasFreeTopics, ImmutableArray<TopicPermission> permissions)
    {
        _device = device;
        _published = FiltersFor(TopicAccess.Publish, device, permissions);
        _subscribed = FiltersFor(TopicAccess.Subscribe, device, permissions);
        _hasFreeTopics = hasFreeTopics;
    }

    /// <summary>
    /// Whether a filter may be permitted: valid as it is and with any names for its variables, and matching nothing of what the platform itself sends and takes.
    /// </summary>
    public static bool MayBePermitted(string filter)
    {
        if (!Names.IsText(filter))
        {
            return false;
        }

        var utf8 = Encoding.UTF8.GetBytes(Fill(filter, new DeviceId("p", "d")));
        return TopicFilter.IsValid(utf8, LevelsMax)
            && utf8[0] != (byte)'$'
            && !TopicFilter.Overlap(utf8, Branches.SystemFilter)
            && !TopicFilter.Overlap(utf8, Branches.BroadcastsFilter);
    }

    public bool MayPublish(ReadOnlySpan<byte> topic)
    {
        if (IsOwn(topic) || (_hasFreeTopics && IsFree(topic)))
        {
            return true;
        }

        foreach (var filter in _published)
        {
            if (TopicFilter.Matches(filter, topic))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="filter">Without a share name.</param>
    public bool MaySubscribe(ReadOnlySpan<byte> filter)
    {
        if (IsOwn(filter) || Branches.IsBroadcastTo(_device.ProductKey, filter) || (_hasFreeTopics && (IsFree(filter) || filter[0] is (byte)'#' or (byte)'+')))
        {
            return true;
        }

        foreach (var permitted in _subscribed)
        {
            if (TopicFilter.Covers(permitted, filter))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="subscription">As the client sent it: with its share name, if it has one.</param>
    public bool MaySubscribeTo(ReadOnlySpan<byte> subscription) =>
        MaySubscribe(SharedSubscription.TryParse(subscription, out _, out var filter) ? filter : subscription);

    // A wildcard within the branch's own levels does not begin with the branch, so it is refused here.
    private bool IsOwn(ReadOnlySpan<byte> topic) => Branches.IsOwn(_device, topic) || Branches.IsOwnSystem(_device, topic);

    private static bool IsFree(ReadOnlySpan<byte> topic) =>
        topic[0] != (byte)'$' && !topic.StartsWith(Branches.System) && !topic.StartsWith(Branches.Broadcasts) && !topic.StartsWith("/+/"u8) && !topic.StartsWith("/#"u8);

    private static byte[][] FiltersFor(TopicAccess access, DeviceId device, ImmutableArray<TopicPermission> permissions) =>
        permissions.IsDefaultOrEmpty ? []
        : [.. permissions.Where(permission => permission.Access.HasFlag(access)).Select(permission => Encoding.UTF8.GetBytes(Fill(permission.Filter, device)))];

    // Names hold nothing that means something in a filter.
    private static string Fill(string filter, DeviceId device) =>
        filter.Replace(ProductKeyVariable, device.ProductKey, StringComparison.Ordinal).Replace(DeviceNameVariable, device.DeviceName, StringComparison.Ordinal);
}
