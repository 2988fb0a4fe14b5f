using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Leases that outlive an engine, as a database does.</summary>
internal sealed class MemoryLeases : ILeaseStore
{
    public ImmutableArray<GatewayLease> Saved { get; private set; } = [];

    /// <summary>Thrown by every save while it is set.</summary>
    public Exception? Fault { get; set; }

    public Task<ImmutableArray<GatewayLease>> LoadAsync() => Task.FromResult(Saved);

    public Task SaveAsync(ImmutableArray<GatewayLease> leases)
    {
        if (Fault is not null)
        {
            return Task.FromException(Fault);
        }

        Saved = leases;
        return Task.CompletedTask;
    }
}
