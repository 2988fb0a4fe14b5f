using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Leases that outlive an engine, as a database does. A test can hold up or fail what is read and written.</summary>
internal sealed class MemoryLeases : ILeaseStore
{
    public ImmutableArray<GatewayLease> Saved { get; private set; } = [];

    /// <summary>Saves that have begun.</summary>
    public int Saves { get; private set; }

    public Func<Task> OnLoad { get; set; } = static () => Task.CompletedTask;

    public Func<Task> OnSave { get; set; } = static () => Task.CompletedTask;

    public async Task<ImmutableArray<GatewayLease>> LoadAsync()
    {
        await OnLoad();
        return Saved;
    }

    public async Task SaveAsync(ImmutableArray<GatewayLease> leases)
    {
        Saves++;
        await OnSave();
        Saved = leases;
    }
}
