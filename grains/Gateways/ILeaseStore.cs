using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>
/// Where the gateway directory keeps the leases, so that a new activation of it knows the gateways before they have renewed. Never the truth: what is
/// loaded lapses like any other lease.
/// </summary>
public interface ILeaseStore
{
    /// <summary>The leases as they were last saved.</summary>
    Task<ImmutableArray<GatewayLease>> LoadAsync();

    /// <summary>Saves the leases, over what was saved before.</summary>
    Task SaveAsync(ImmutableArray<GatewayLease> leases);
}
