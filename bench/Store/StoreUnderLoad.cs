using IotPlatform.Storage;

namespace IotPlatform.Bench.Store;

/// <summary>An empty store of one dialect, on a disk of its own choice, that goes with its owner.</summary>
internal abstract class StoreUnderLoad : IAsyncDisposable
{
    public abstract IMessageStore Messages { get; }

    public abstract IRegistryStore Registry { get; }

    /// <summary>The stores by name.</summary>
    public static Func<Task<StoreUnderLoad>> Named(string name) => name switch
    {
        "sqlite" => SqliteUnderLoad.CreateAsync,
        "postgres" => PostgresUnderLoad.CreateAsync,
        _ => throw new ArgumentException("--store is sqlite or postgres"),
    };

    public abstract ValueTask DisposeAsync();
}
