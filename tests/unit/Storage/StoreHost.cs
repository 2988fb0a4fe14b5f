using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>An empty store of one dialect, which can be closed and opened again.</summary>
public abstract class StoreHost : IAsyncDisposable
{
    public abstract IMessageStore Messages { get; }

    public abstract IRegistryStore Registry { get; }

    public abstract IBroadcastStore Broadcasts { get; }

    public abstract IRetainedStore Retained { get; }

    public abstract ISessionStore Sessions { get; }

    public abstract IStandingOrderStore Orders { get; }

    public abstract IStatusEventStore StatusEvents { get; }

    public abstract IStatusPushStore StatusPushes { get; }

    /// <summary>Makes the store. A test is skipped where it can not be had.</summary>
    public abstract Task OpenAsync();

    /// <summary>Closes the store as at the end of the process, and opens it as at the next start.</summary>
    public abstract Task ReopenAsync();

    public abstract ValueTask DisposeAsync();
}
