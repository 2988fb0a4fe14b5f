using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Sessions;

namespace IotPlatform.Routing;

/// <summary>Collects the sessions of this gateway that are subscribed to a topic.</summary>
internal readonly struct SessionVisitor(Matches matches, Session? from, QoS publishedQoS) : ITrieVisitor<Session, SubscriptionTerms>
{
    public void OnSubscription(Subscription<Session, SubscriptionTerms> subscription)
    {
        // [MQTT-3.8.3-3]
        if (!subscription.Value.Options.NoLocal || subscription.Subscriber != from)
        {
            matches.Add(subscription, publishedQoS);
        }
    }

    public void OnShareGroup(ShareGroup<Session, SubscriptionTerms> group) => matches.Shares.Add(group);
}
