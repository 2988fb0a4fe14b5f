using Orleans.Concurrency;

namespace IotPlatform.Gateways;

/// <summary>Hands on renewals. Reentrant: they share nothing.</summary>
[Reentrant, StatelessWorker]
internal sealed class LeaseRelayGrain : Grain, ILeaseRelayGrain
{
    public Task<LeaseReply> RenewAsync(LeaseRenewal renewal) =>
        GrainFactory.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).RenewAsync(renewal);
}
