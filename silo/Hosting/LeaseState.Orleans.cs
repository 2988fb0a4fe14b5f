using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Hosting;

/// <summary>The gateway leases as they are kept in grain storage.</summary>
[GenerateSerializer, Immutable, Alias("iot.lease-state")]
internal sealed record LeaseState([property: Id(0)] ImmutableArray<GatewayLease> Leases)
{
    public LeaseState()
        : this([])
    {
    }
}
