using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Routing.Peers;

/// <summary>Another gateway, as this one sees it: a copy of what it is interested in, and what is on its way to it.</summary>
internal sealed partial class PeerGateway : IDisposable
{
    private readonly InterestFollower<PeerGateway> _follower;

    /// <summary>Starts to follow a gateway.</summary>
    /// <param name="lease">The gateway.</param>
    /// <param name="self">Who follows it.</param>
    /// <param name="numbers">Where pulls get their numbers.</param>
    /// <param name="trie">Where its interests are entered.</param>
    /// <param name="outbox">What is on its way to it.</param>
    /// <param name="time">Tells how old the copy is.</param>
    /// <param name="logger">Where failures are told.</param>
    public PeerGateway(
        GatewayLease lease,
        GatewayIdentity self,
        CallNumbers numbers,
        SubscriptionTrie<PeerGateway, string> trie,
        PeerOutbox outbox,
        TimeProvider time,
        ILogger logger)
    {
        Lease = lease;
        Hash = StableHash.Of(lease.Gateway.Value, bits: 32);
        Outbox = outbox;
        AddedAt = time.GetTimestamp();
        _follower = new InterestFollower<PeerGateway>(
            this, trie, self, numbers, lease.Peer.PullInterestsAsync, replaced: null, time, exception => LogPullFailed(logger, exception, lease.Gateway));
    }

    public GatewayLease Lease { get; }

    /// <summary>A hash of its id.</summary>
    public int Hash { get; }

    public PeerOutbox Outbox { get; }

    public long AddedAt { get; }

    /// <summary>The cluster counts it among its gateways. One that it does not is there for as long as it answers.</summary>
    public bool IsListed { get; set; } = true;

    /// <summary>Ends after <see cref="Dispose"/>.</summary>
    public Task Following => _follower.Following;

    /// <summary>It is to be sent everything: what it is interested in is not known just now.</summary>
    public bool IsUnknown => IsListed && !IsFresh;

    /// <summary>The copy of its interests may be relied on.</summary>
    public bool IsFresh => _follower.IsFresh;

    /// <summary>Forgets it: it is gone. Its interests first, so that nothing finds its way here any more once the outbox is closed.</summary>
    public void Dispose()
    {
        _follower.Dispose();
        Outbox.Close();
    }

    [LoggerMessage(4301, LogLevel.Information, "Gateway {Gateway} did not answer what it is interested in; until it does, it is sent everything")]
    private static partial void LogPullFailed(ILogger logger, Exception exception, GatewayId gateway);
}
