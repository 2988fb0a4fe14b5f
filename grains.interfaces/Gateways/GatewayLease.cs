using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>A gateway, alive.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Epoch">New at each start of its process.</param>
/// <param name="Shards">The observers that its connections are reached through.</param>
/// <param name="Peer">The observer that other gateways reach it through.</param>
/// <param name="Address">Where devices reach it, as <c>host:port</c>.</param>
/// <param name="IsDraining">It takes no new connections, and sends its present ones away.</param>
[GenerateSerializer, Immutable, Alias("iot.gateway-lease")]
public sealed record GatewayLease(
    [property: Id(0)] GatewayId Gateway,
    [property: Id(1)] long Epoch,
    [property: Id(2)] ImmutableArray<IGatewayObserver> Shards,
    [property: Id(3)] IGatewayPeer Peer,
    [property: Id(4)] string Address,
    [property: Id(5)] bool IsDraining)
{
    /// <summary>Whether it is the same process in the same state, with the same observers.</summary>
    public bool IsSameAs(GatewayLease other) =>
        Gateway == other.Gateway && Epoch == other.Epoch && Address == other.Address && IsDraining == other.IsDraining
        && Peer.Equals(other.Peer) && Shards.AsSpan().SequenceEqual(other.Shards.AsSpan());
}
