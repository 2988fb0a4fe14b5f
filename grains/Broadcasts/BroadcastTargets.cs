using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Broadcasts;

/// <summary>The shards of all gateways at a moment, and which gateway each is of. One object for as long as the gateways are the same.</summary>
/// <param name="leases">The gateways.</param>
internal sealed class BroadcastTargets(ImmutableArray<GatewayLease> leases)
{
    public static readonly BroadcastTargets None = new([]);

    /// <summary>The shards.</summary>
    public ImmutableArray<IGatewayObserver> Shards { get; } = [.. leases.SelectMany(static lease => lease.Shards)];

    /// <summary>The gateway of each shard.</summary>
    public ImmutableArray<GatewayId> Gateways { get; } = [.. leases.SelectMany(static lease => lease.Shards.Select(_ => lease.Gateway))];

    /// <summary>These targets, where the gateways are the same, or new ones.</summary>
    public BroadcastTargets For(ImmutableArray<GatewayLease> live) =>
        live == leases || (live.Length == leases.Length && live.Zip(leases).All(static pair => pair.First.IsSameAs(pair.Second))) ? this : new BroadcastTargets(live);
}
