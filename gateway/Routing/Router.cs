using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Sessions;

namespace IotPlatform.Routing;

/// <summary>Carries what clients publish to the sessions that are subscribed to it, within this gateway.</summary>
internal sealed class Router
{
    private readonly SubscriptionTrie<Session, SubscriptionOptions> _trie = new();

    [ThreadStatic]
    private static Matches? t_matches;

    public int FilterCount => _trie.FilterCount;

    public void Subscribe(Session session, byte[] filter, SubscriptionOptions options) => _trie.Add(filter, session, options);

    public void Unsubscribe(Session session, byte[] filter) => _trie.Remove(filter, session);

    /// <summary>Sends a publish on. QoS 0 costs an encoding a version and no memory; above that the message is kept once for all its receivers.</summary>
    /// <param name="from">Who published it; null for the server itself.</param>
    /// <param name="packet">What was published; its memory is the caller's.</param>
    /// <returns>Whether anybody was subscribed.</returns>
    public bool Publish(Session? from, in PublishPacket packet)
    {
        var matches = t_matches ??= new Matches();
        try
        {
            var visitor = new MatchVisitor(matches, from, packet.QoS);
            _trie.Match(packet.Topic, ref visitor);
            Deliver(matches, packet);
            return matches.Count > 0;
        }
        finally
        {
            matches.Clear();
        }
    }

    private static void Deliver(Matches matches, in PublishPacket packet)
    {
        RoutedMessage? kept = null;
        foreach (var (session, granted) in matches)
        {
            // [MQTT-3.3.1-12] The RETAIN flag is kept only for those who asked for it.
            var retain = packet.Retain && granted.RetainAsPublished;
            if (granted.QoS == QoS.AtMostOnce && session.Peer is { } peer)
            {
                session.PublishEncoded(peer, matches.Encodings.Get(peer.Version, retain, packet));
            }
            else if (granted.QoS > QoS.AtMostOnce)
            {
                session.Publish(kept ??= Keep(packet), granted.QoS, retain);
            }
        }
    }

    private static RoutedMessage Keep(in PublishPacket packet)
    {
        var properties = packet.Properties;
        var topicLength = packet.Topic.Length;
        var propertiesLength = properties.ForwardedSize;
        var block = new byte[topicLength + propertiesLength + packet.Payload.Length];
        packet.Topic.CopyTo(block);
        properties.CopyForwarded(block.AsSpan(topicLength));
        packet.Payload.CopyTo(block.AsSpan(topicLength + propertiesLength));
        return new RoutedMessage(
            block.AsMemory(0, topicLength), block.AsMemory(topicLength, propertiesLength), block.AsMemory(topicLength + propertiesLength), packet.QoS);
    }

    private sealed class Matches : List<(Session Session, SubscriptionOptions Granted)>
    {
        private readonly Dictionary<Session, int> _places = [];

        public AtMostOnceEncodings Encodings { get; } = new();

        public void Add(Session session, SubscriptionOptions granted)
        {
            // [MQTT-3.3.4-2] A client with overlapping subscriptions gets the message once, with the highest QoS of them.
            if (_places.TryGetValue(session, out var place))
            {
                this[place] = (session, Higher(this[place].Granted, granted));
                return;
            }

            _places.Add(session, Count);
            Add((session, granted));
        }

        public new void Clear()
        {
            base.Clear();
            _places.Clear();
            Encodings.Clear();
        }

        private static SubscriptionOptions Higher(SubscriptionOptions a, SubscriptionOptions b) =>
            a with { QoS = a.QoS > b.QoS ? a.QoS : b.QoS, RetainAsPublished = a.RetainAsPublished || b.RetainAsPublished };
    }

    private readonly struct MatchVisitor(Matches matches, Session? from, QoS publishedQoS) : ITrieVisitor<Session, SubscriptionOptions>
    {
        public void OnSubscription(Subscription<Session, SubscriptionOptions> subscription)
        {
            // [MQTT-3.8.3-3]
            if (!subscription.Value.NoLocal || subscription.Subscriber != from)
            {
                Add(subscription);
            }
        }

        public void OnShareGroup(ShareGroup<Session, SubscriptionOptions> group)
        {
            if (group.Pick() is { } member)
            {
                Add(member);
            }
        }

        private void Add(Subscription<Session, SubscriptionOptions> subscription)
        {
            var options = subscription.Value;
            matches.Add(subscription.Subscriber, options.QoS > publishedQoS ? options with { QoS = publishedQoS } : options);
        }
    }
}
