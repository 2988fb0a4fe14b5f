using System.Collections.Immutable;
using IotPlatform.Gateways;
using Orleans.Storage;

namespace IotPlatform.Hosting;

/// <summary>The gateway leases in Orleans' grain storage, which can keep references to observers.</summary>
internal sealed class GrainStateLeases(IGrainStorage storage) : ILeaseStore
{
    private const string StateName = "gateway-leases";

    private static readonly GrainId Key = GrainId.Create("iot.gateway-directory", IGatewayDirectoryGrain.GrainKey);

    private GrainState<LeaseState> _state = new(new LeaseState());

    public async Task<ImmutableArray<GatewayLease>> LoadAsync()
    {
        _state = new GrainState<LeaseState>(new LeaseState());
        await storage.ReadStateAsync(StateName, Key, _state);
        return _state.State?.Leases ?? [];
    }

    public async Task SaveAsync(ImmutableArray<GatewayLease> leases)
    {
        _state.State = new LeaseState(leases);
        try
        {
            await storage.WriteStateAsync(StateName, Key, _state);
        }
        catch (InconsistentStateException)
        {
            // Another activation has saved meanwhile. What the gateways say to this one is as good: the next save goes over it.
            await LoadAsync();
            throw;
        }
    }
}
