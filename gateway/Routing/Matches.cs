using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing.Peers;
using IotPlatform.Sessions;
using IotPlatform.Sessions.Kept;

namespace IotPlatform.Routing;

/// <summary>Who is to get one publish. Belongs to a thread, and is used again for the next publish.</summary>
internal sealed class Matches
{
    private readonly Dictionary<Session, int> _places = [];

    /// <summary>Sessions of this gateway: each once by its own subscriptions, and once for each shared one whose turn it takes.</summary>
    public List<Receiver> Receivers { get; } = [];

    /// <summary>Shared subscriptions that have members here.</summary>
    public List<ShareGroup<Session, SubscriptionTerms>> Shares { get; } = [];

    /// <summary>Other gateways with sessions that are subscribed, each once.</summary>
    public List<PeerGateway> Peers { get; } = [];

    /// <summary>Those of them whose interests are not known just now.</summary>
    public List<PeerGateway> Unknown { get; } = [];

    /// <summary>Shared subscriptions that have members at other gateways.</summary>
    public List<ShareGroup<PeerGateway, string>> PeerShares { get; } = [];

    /// <summary>The shared subscriptions that other gateways are to serve.</summary>
    public List<(PeerGateway Peer, string Share)> PeerTurns { get; } = [];

    /// <summary>Shards with kept sessions that are subscribed, each once.</summary>
    public List<SessionShard> Shards { get; } = [];

    /// <summary>Those of them whose interests are not known just now.</summary>
    public List<SessionShard> UnknownShards { get; } = [];

    /// <summary>Shared subscriptions that have members among kept sessions without a connection.</summary>
    public List<ShareGroup<SessionShard, string>> ShardShares { get; } = [];

    /// <summary>The shared subscriptions that such sessions are to serve.</summary>
    public List<(SessionShard Shard, string Share)> ShardTurns { get; } = [];

    public AtMostOnceEncodings Encodings { get; } = new();

    public bool IsEmpty => Receivers.Count == 0 && Peers.Count == 0 && PeerTurns.Count == 0 && Shards.Count == 0 && ShardTurns.Count == 0;

    /// <summary>A session's own subscription matches.</summary>
    public void Add(Subscription<Session, SubscriptionTerms> subscription, QoS publishedQoS)
    {
        var grant = MessageGrant.Of(subscription.Value, publishedQoS);
        if (_places.TryGetValue(subscription.Subscriber, out var place))
        {
            Receivers[place] = Receivers[place] with { Grant = Receivers[place].Grant.And(grant) };
            return;
        }

        _places.Add(subscription.Subscriber, Receivers.Count);
        Receivers.Add(new Receiver(subscription.Subscriber, grant, Share: null));
    }

    /// <summary>A session takes a shared subscription's turn (section 4.8.2): besides what it gets by its own subscriptions.</summary>
    public void AddTurn(Subscription<Session, SubscriptionTerms> subscription, string share, QoS publishedQoS) =>
        Receivers.Add(new Receiver(subscription.Subscriber, MessageGrant.Of(subscription.Value, publishedQoS), share));

    public void Add(PeerGateway peer)
    {
        if (!Peers.Contains(peer))
        {
            Peers.Add(peer);
        }
    }

    public void Add(SessionShard shard)
    {
        if (!Shards.Contains(shard))
        {
            Shards.Add(shard);
        }
    }

    /// <summary>The shared subscriptions that have members anywhere, as far as that is known.</summary>
    public IEnumerable<string> ShareFilters() =>
        Shares.Select(static share => share.Filter).Union(PeerShares.Select(static share => share.Filter)).Union(ShardShares.Select(static share => share.Filter));

    /// <summary>Leaves only the shared subscriptions.</summary>
    public void ClearSessions()
    {
        _places.Clear();
        Receivers.Clear();
    }

    public void Clear()
    {
        ClearSessions();
        Shares.Clear();
        Peers.Clear();
        Unknown.Clear();
        PeerShares.Clear();
        PeerTurns.Clear();
        Shards.Clear();
        UnknownShards.Clear();
        ShardShares.Clear();
        ShardTurns.Clear();
        Encodings.Clear();
    }
}
