using System.Text;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing.Peers;

namespace IotPlatform.Unit.Tests.Routing.Peers;

/// <summary>Which gateways a trie of interests names for a topic; shared subscriptions with their filter.</summary>
internal readonly record struct Interested(List<string> Names) : ITrieVisitor<PeerGateway, string>
{
    public static string[] In(SubscriptionTrie<PeerGateway, string> interests, string topic)
    {
        var visitor = new Interested([]);
        interests.Match(Encoding.UTF8.GetBytes(topic), ref visitor);
        return [.. visitor.Names.Distinct().Order(StringComparer.Ordinal)];
    }

    public void OnSubscription(Subscription<PeerGateway, string> subscription) => Names.Add(subscription.Subscriber.Lease.Gateway.Value);

    public void OnShareGroup(ShareGroup<PeerGateway, string> group)
    {
        foreach (var member in group.Members)
        {
            Names.Add($"{member.Subscriber.Lease.Gateway.Value} {group.Filter}");
        }
    }
}
