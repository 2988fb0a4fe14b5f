using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing.Peers;
using IotPlatform.Sessions;

namespace IotPlatform.Routing;

/// <summary>Who is to get one publish. Belongs to a thread, and is used again for the next publish.</summary>
internal sealed class Matches
{
    private readonly Dictionary<Session, int> _places = [];

    /// <summary>Sessions of this gateway, each once.</summary>
    public List<(Session Session, SubscriptionOptions Granted)> Sessions { get; } = [];

    /// <summary>Shared subscriptions that have members here.</summary>
    public List<ShareGroup<Session, SubscriptionOptions>> Shares { get; } = [];

    /// <summary>Other gateways with sessions that are subscribed, each once.</summary>
    public List<PeerGateway> Peers { get; } = [];

    /// <summary>Those of them whose interests are not known just now.</summary>
    public List<PeerGateway> Unknown { get; } = [];

    /// <summary>Shared subscriptions that have members at other gateways.</summary>
    public List<ShareGroup<PeerGateway, string>> PeerShares { get; } = [];

    /// <summary>The shared subscriptions that other gateways are to serve.</summary>
    public List<(PeerGateway Peer, string Share)> PeerTurns { get; } = [];

    public AtMostOnceEncodings Encodings { get; } = new();

    public bool IsEmpty => Sessions.Count == 0 && Peers.Count == 0 && PeerTurns.Count == 0;

    public void Add(Subscription<Session, SubscriptionOptions> subscription, QoS publishedQoS)
    {
        var granted = subscription.Value.QoS > publishedQoS ? subscription.Value with { QoS = publishedQoS } : subscription.Value;

        // [MQTT-3.3.4-2] A client with overlapping subscriptions gets the message once, with the highest QoS of them.
        if (_places.TryGetValue(subscription.Subscriber, out var place))
        {
            Sessions[place] = (subscription.Subscriber, Higher(Sessions[place].Granted, granted));
            return;
        }

        _places.Add(subscription.Subscriber, Sessions.Count);
        Sessions.Add((subscription.Subscriber, granted));
    }

    public void Add(PeerGateway peer)
    {
        if (!Peers.Contains(peer))
        {
            Peers.Add(peer);
        }
    }

    /// <summary>The shared subscriptions that have members anywhere, as far as that is known.</summary>
    public IEnumerable<string> ShareFilters() => Shares.Select(static share => share.Filter).Union(PeerShares.Select(static share => share.Filter));

    /// <summary>Leaves only the shared subscriptions.</summary>
    public void ClearSessions()
    {
        _places.Clear();
        Sessions.Clear();
    }

    public void Clear()
    {
        ClearSessions();
        Shares.Clear();
        Peers.Clear();
        Unknown.Clear();
        PeerShares.Clear();
        PeerTurns.Clear();
        Encodings.Clear();
    }

    private static SubscriptionOptions Higher(SubscriptionOptions a, SubscriptionOptions b) =>
        a with { QoS = a.QoS > b.QoS ? a.QoS : b.QoS, RetainAsPublished = a.RetainAsPublished || b.RetainAsPublished };
}
