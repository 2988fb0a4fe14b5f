using IotPlatform.Storage;
using IotPlatform.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>SQLite, in a folder that goes with the test.</summary>
public sealed class SqliteHost : StoreHost
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("iot-store-");
    private readonly StoreInstruments _instruments = new();
    private SqliteDatabase _database;
    private SqliteMessageStore _messages;
    private SqliteSessionStore _sessions;

    public SqliteHost()
    {
        _database = Open();
        _messages = new SqliteMessageStore(_database);
        _sessions = new SqliteSessionStore(_database);
    }

    public override IMessageStore Messages => _messages;

    public override IRegistryStore Registry => new SqliteRegistryStore(_database);

    public override IBroadcastStore Broadcasts => new SqliteBroadcastStore(_database);

    public override IRetainedStore Retained => new SqliteRetainedStore(_database);

    public override ISessionStore Sessions => _sessions;

    public override IStandingOrderStore Orders => new SqliteStandingOrderStore(_database);

    public string Path => System.IO.Path.Combine(_folder.FullName, "iot.db");

    public SqliteDatabase Database => _database;

    public override Task OpenAsync() => Task.CompletedTask;

    public override async Task ReopenAsync()
    {
        await _database.DisposeAsync();
        _database = Open();
        _messages = new SqliteMessageStore(_database);
        _sessions = new SqliteSessionStore(_database);
    }

    public override async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _instruments.Dispose();
        _folder.Delete(recursive: true);
    }

    private SqliteDatabase Open() => new(Path, _instruments, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
}
