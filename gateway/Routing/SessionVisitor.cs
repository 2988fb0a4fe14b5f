using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Sessions;

namespace IotPlatform.Routing;

/// <summary>Collects the sessions of this gateway that are subscribed to a topic.</summary>
internal readonly struct SessionVisitor(Matches matches, Session? from, QoS publishedQoS) : ITrieVisitor<Session, SubscriptionOptions>
{
    public void OnSubscription(Subscription<Session, SubscriptionOptions> subscription)
    {
        // [MQTT-3.8.3-3]
        if (!subscription.Value.NoLocal || subscription.Subscriber != from)
        {
            matches.Add(subscription, publishedQoS);
        }
    }

    public void OnShareGroup(ShareGroup<Session, SubscriptionOptions> group) => matches.Shares.Add(group);
}
