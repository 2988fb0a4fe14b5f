using IotPlatform.Devices;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Sessions;

namespace IotPlatform.Routing;

/// <summary>
/// Which topics a client may use. Every device has its own branches, and what its product's permissions say; the free topics are an extra that is open in
/// development only. Made when it is asked, of what there is already: a connection holds nothing for it.
/// </summary>
internal readonly struct TopicPolicy(DeviceId device, ProductTopics topics)
{
    /// <summary>Levels of a permitted filter: what can be subscribed to has no more.</summary>
    private const int LevelsMax = SubscriptionTrie<Session, SubscriptionTerms>.LevelsMaxDefault;

    /// <summary>
    /// Whether a filter may be permitted: valid as it is and with any names for its variables, and matching nothing of what the platform itself sends and takes.
    /// </summary>
    public static bool MayBePermitted(string filter)
    {
        if (!Names.IsText(filter))
        {
            return false;
        }

        var utf8 = PermittedFilter.For(filter, new DeviceId("p", "d"));
        return TopicFilter.IsValid(utf8, LevelsMax)
            && utf8[0] != (byte)'$'
            && !TopicFilter.Overlap(utf8, Branches.SystemFilter)
            && !TopicFilter.Overlap(utf8, Branches.BroadcastsFilter);
    }

    public bool MayPublish(ReadOnlySpan<byte> topic)
    {
        if (IsOwn(topic) || (topics.HasFreeTopics && IsFree(topic)))
        {
            return true;
        }

        foreach (var filter in topics.Published)
        {
            if (filter.Matches(device.DeviceName, topic))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="filter">Without a share name.</param>
    public bool MaySubscribe(ReadOnlySpan<byte> filter)
    {
        if (IsOwn(filter) || Branches.IsBroadcastTo(device.ProductKey, filter) || (topics.HasFreeTopics && (IsFree(filter) || filter[0] is (byte)'#' or (byte)'+')))
        {
            return true;
        }

        foreach (var permitted in topics.Subscribed)
        {
            if (permitted.Covers(device.DeviceName, filter))
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
    private bool IsOwn(ReadOnlySpan<byte> topic) => Branches.IsOwn(device, topic) || Branches.IsOwnSystem(device, topic);

    private static bool IsFree(ReadOnlySpan<byte> topic) =>
        topic[0] != (byte)'$' && !topic.StartsWith(Branches.System) && !topic.StartsWith(Branches.Broadcasts) && !topic.StartsWith("/+/"u8) && !topic.StartsWith("/#"u8);
}
