using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>The shards of all gateways at a moment.</summary>
public sealed class BroadcastTargetsTests : IAsyncDisposable
{
    private readonly GrainHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    // A directory on another silo hands out copies: what is done for each new one must not be done every round.
    [Fact]
    public void Targets_AreTheSame_AsLongAsTheGatewaysAre()
    {
        var (shard, other) = (_host.Reference(new FakeGateway()), _host.Reference(new FakeGateway()));
        var targets = BroadcastTargets.None.For([Lease("a", shard), Lease("b", other)]);
        Assert.Same(targets, targets.For([Lease("a", shard), Lease("b", other)]));
        Assert.NotSame(targets, targets.For([Lease("a", shard)]));
        Assert.NotSame(targets, targets.For([Lease("a", other), Lease("b", other)]));
        Assert.Same(BroadcastTargets.None, BroadcastTargets.None.For(ImmutableArray<GatewayLease>.Empty));
    }

    private GatewayLease Lease(string gateway, IGatewayObserver shard) => _host.Lease(gateway, 1, null, shard);
}
