using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>For grains that live and die with the only gateway: there is nothing to keep.</summary>
internal sealed class VolatileLeases : ILeaseStore
{
    public Task<ImmutableArray<GatewayLease>> LoadAsync() => Task.FromResult(ImmutableArray<GatewayLease>.Empty);

    public Task SaveAsync(ImmutableArray<GatewayLease> leases) => Task.CompletedTask;
}
