using IotPlatform.Storage;
using IotPlatform.Storage.Postgres;
using IotPlatform.Testkit;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Bench.Store;

/// <summary>A server of the benchmark's own, which syncs to disk, reached over the loopback.</summary>
internal sealed class PostgresUnderLoad : StoreUnderLoad
{
    private readonly PostgresServer _server;
    private readonly StoreInstruments _instruments = new();
    private readonly PostgresDatabase _database;

    private PostgresUnderLoad(PostgresServer server, string connectionString)
    {
        _server = server;
        _database = new PostgresDatabase(connectionString, _instruments, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        Messages = new PostgresMessageStore(_database);
        Registry = new PostgresRegistryStore(_database);
    }

    public override IMessageStore Messages { get; }

    public override IRegistryStore Registry { get; }

    public static async Task<StoreUnderLoad> CreateAsync()
    {
        var programs = PostgresPrograms.Find(out var missing) ?? throw new ArgumentException(missing);
        var server = await PostgresServer.CreateAsync(programs);
        var connectionString = await server.CreateDatabaseAsync();
        await PostgresMigrations.ApplyAsync(connectionString, [PostgresMigrations.Store]);
        var store = new PostgresUnderLoad(server, connectionString);
        await store._database.OpenAsync();
        return store;
    }

    public override async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _instruments.Dispose();
        await _server.DisposeAsync();
    }
}
