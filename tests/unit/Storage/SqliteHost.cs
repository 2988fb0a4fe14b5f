using IotPlatform.Storage;
using IotPlatform.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>SQLite, in a folder that goes with the test.</summary>
public sealed class SqliteHost : StoreHost
{
    // A file system in memory, on Linux.
    private const string MemoryFolder = "/dev/shm";

    private readonly DirectoryInfo _folder;
    private readonly StoreInstruments _instruments = new();
    private SqliteDatabase _database;
    private SqliteMessageStore _messages;
    private SqliteSessionStore _sessions;

    /// <param name="isDurable">Whether it syncs to disk. Without, it is faster where it can be, and says nothing on what survives the machine.</param>
    public SqliteHost(bool isDurable = true)
    {
        _folder = isDurable || !Directory.Exists(MemoryFolder)
            ? Directory.CreateTempSubdirectory("iot-store-")
            : Directory.CreateDirectory(System.IO.Path.Combine(MemoryFolder, $"iot-store-{Guid.NewGuid():N}"));
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

    public override IStatusEventStore StatusEvents => new SqliteStatusEventStore(_database);

    public override IStatusPushStore StatusPushes => new SqliteStatusPushStore(_database);

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
