using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Routing.Peers;

/// <summary>Collects the other gateways that are interested in a topic.</summary>
internal readonly struct PeerVisitor(Matches matches) : ITrieVisitor<PeerGateway, string>
{
    public void OnSubscription(Subscription<PeerGateway, string> subscription) => matches.Add(subscription.Subscriber);

    public void OnShareGroup(ShareGroup<PeerGateway, string> group) => matches.PeerShares.Add(group);
}
