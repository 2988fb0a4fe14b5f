using IotPlatform.Mqtt.Topics;
using IotPlatform.Sessions.Kept;

namespace IotPlatform.Routing;

/// <summary>Collects the shards with kept sessions that are subscribed to a topic.</summary>
internal readonly struct SessionShardVisitor(Matches matches) : ITrieVisitor<SessionShard, string>
{
    public void OnSubscription(Subscription<SessionShard, string> subscription) => matches.Add(subscription.Subscriber);

    public void OnShareGroup(ShareGroup<SessionShard, string> group) => matches.ShardShares.Add(group);
}
