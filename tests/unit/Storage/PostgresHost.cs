using IotPlatform.Storage;
using IotPlatform.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>PostgreSQL, in a database that goes with the test.</summary>
public sealed class PostgresHost(PostgresFixture fixture) : StoreHost
{
    private PostgresDatabase? _database;
    private PostgresMessageStore? _messages;
    private PostgresRegistryStore? _registry;
    private PostgresSessionStore? _sessions;

    public override IMessageStore Messages => _messages!;

    public override IRegistryStore Registry => _registry!;

    public override IBroadcastStore Broadcasts => new PostgresBroadcastStore(_database!);

    public override IRetainedStore Retained => new PostgresRetainedStore(_database!);

    public override ISessionStore Sessions => _sessions!;

    public override IStandingOrderStore Orders => new PostgresStandingOrderStore(_database!);

    public override IStatusEventStore StatusEvents => new PostgresStatusEventStore(_database!);

    public override IStatusPushStore StatusPushes => new PostgresStatusPushStore(_database!);

    public StoreInstruments Instruments { get; } = new();

    public PostgresDatabase Database => _database!;

    public string? ConnectionString { get; private set; }

    /// <summary>How the store connects, where that is not the server's own address.</summary>
    public Func<string, string> Route { get; set; } = static connectionString => connectionString;

    public override async Task OpenAsync()
    {
        ConnectionString = await fixture.Server.CreateDatabaseAsync();
        await PostgresMigrations.ApplyAsync(ConnectionString, [PostgresMigrations.Store]);
        await StartAsync();
    }

    public override async Task ReopenAsync()
    {
        await _database!.DisposeAsync();
        await StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        Instruments.Dispose();
        if (ConnectionString is not null)
        {
            await fixture.Server.DropDatabaseAsync(ConnectionString);
        }
    }

    private async Task StartAsync()
    {
        _database = new PostgresDatabase(Route(ConnectionString!), Instruments, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        _messages = new PostgresMessageStore(_database);
        _registry = new PostgresRegistryStore(_database);
        _sessions = new PostgresSessionStore(_database);
        await _database.OpenAsync();
    }
}
