using System.Collections.Immutable;
using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Topics;

namespace IotPlatform.Routing.Peers;

/// <summary>The other gateways of the cluster, and what they are interested in. Empty in a standalone process.</summary>
internal sealed class PeerGateways(GatewayIdentity self, GatewayInstruments instruments, TimeProvider time, ILogger<PeerGateways> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SubscriptionTrie<PeerGateway, string> _trie = new();
    private readonly CallNumbers _numbers = new();
    private ImmutableArray<PeerGateway> _all = [];

    /// <summary>All of them, as they are now.</summary>
    public ImmutableArray<PeerGateway> All => _all;

    /// <summary>What they are interested in. The value of a subscription is its whole filter.</summary>
    public SubscriptionTrie<PeerGateway, string> Interests => _trie;

    /// <summary>
    /// Called with a publish whose shared subscriptions a gateway did not serve: others are to. Answers when they have taken it; null when nobody is waited for.
    /// </summary>
    public Func<RoutedPublish, IReadOnlyList<string>, GatewayId, Task<bool>?>? Reroute { get; set; }

    /// <summary>
    /// Follows the gateways of a list, and no others but those that still answer: a list of a directory that has just been moved, after the loss of a silo, may
    /// lack one that is there, whose clients are to be reached.
    /// </summary>
    public void Update(GatewayList list)
    {
        lock (_gate)
        {
            foreach (var peer in _all)
            {
                peer.IsListed = !IsSettled(peer) || list.Gateways.Any(lease => IsSame(peer.Lease, lease));
                if (!peer.IsListed && !peer.IsFresh)
                {
                    Remove(peer);
                }
            }

            foreach (var lease in list.Gateways)
            {
                AddLocked(lease);
            }
        }
    }

    /// <summary>Follows a gateway that has just come.</summary>
    public void Add(GatewayLease lease)
    {
        lock (_gate)
        {
            AddLocked(lease);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var peer in _all)
            {
                Remove(peer);
            }
        }
    }

    private static bool IsSame(GatewayLease a, GatewayLease b) => a.Gateway == b.Gateway && a.Epoch == b.Epoch;

    // One that said hello may not be in a list that was on its way at that moment.
    private bool IsSettled(PeerGateway peer) => time.GetElapsedTime(peer.AddedAt) > 2 * IGatewayDirectoryGrain.RenewInterval;

    private void AddLocked(GatewayLease lease)
    {
        if (lease.Gateway == self.Gateway || _all.Any(peer => IsSame(peer.Lease, lease)))
        {
            return;
        }

        if (_all.FirstOrDefault(peer => peer.Lease.Gateway == lease.Gateway) is { } older)
        {
            if (older.Lease.Epoch > lease.Epoch)
            {
                return;
            }

            Remove(older);
        }

        var outbox = new PeerOutbox(
            lease, self, _numbers, (message, shares) => Reroute?.Invoke(message, shares, lease.Gateway), instruments, time, logger);
        _all = _all.Add(new PeerGateway(lease, self, _numbers, _trie, outbox, time, logger));
    }

    private void Remove(PeerGateway peer)
    {
        _all = _all.Remove(peer);
        peer.Dispose();
    }
}
