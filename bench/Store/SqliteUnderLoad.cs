using IotPlatform.Storage;
using IotPlatform.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Bench.Store;

/// <summary>A file in the folder for temporary ones.</summary>
internal sealed class SqliteUnderLoad : StoreUnderLoad
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("iot-bench-");
    private readonly StoreInstruments _instruments = new();
    private readonly SqliteDatabase _database;

    private SqliteUnderLoad()
    {
        _database = new SqliteDatabase(
            Path.Combine(_folder.FullName, "iot.db"), _instruments, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        Messages = new SqliteMessageStore(_database);
        Registry = new SqliteRegistryStore(_database);
    }

    public override IMessageStore Messages { get; }

    public override IRegistryStore Registry { get; }

    public static Task<StoreUnderLoad> CreateAsync() => Task.FromResult<StoreUnderLoad>(new SqliteUnderLoad());

    public override async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _instruments.Dispose();
        _folder.Delete(recursive: true);
    }
}
