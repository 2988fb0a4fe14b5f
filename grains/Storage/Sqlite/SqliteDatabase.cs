using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// The SQLite file of a standalone process: one connection that writes, in batches, and a few that read beside it (WAL).
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    private const int ReadersMax = 8;
    private const int ReaderCacheKiB = 16 * 1024;

    /// <summary>More pages than a batch changes, which would else be written to the log before their last change, and again after it.</summary>
    private const int WriterCacheKiB = 64 * 1024;

    /// <summary>What SQLite waits for a lock of another process, such as a backup's: no longer than a caller waits.</summary>
    private static readonly TimeSpan LockTimeout = StoreWait.Max;

    private readonly string _connectionString;
    private readonly StoreInstruments _instruments;
    private readonly BatchWriter<SqliteWrite> _writer;
    private readonly ConcurrentBag<Reader> _readers = [];
    private readonly SemaphoreSlim _readersFree = new(ReadersMax);

    /// <summary>Opens the database and brings its schema up to date.</summary>
    /// <exception cref="InvalidOperationException">A newer version of this program has changed the schema.</exception>
    public SqliteDatabase(string path, StoreInstruments instruments, TimeProvider time, ILogger<SqliteDatabase> logger)
    {
        SQLitePCL.Batteries_V2.Init();
        SqliteSleep.Register();
        _instruments = instruments;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = (int)LockTimeout.TotalSeconds }.ToString();
        var connection = Open(WriterCacheKiB);
        SqliteMigrations.Apply(connection);
        _writer = new BatchWriter<SqliteWrite>(new SqliteCommitter(connection, time), instruments, time, logger);
    }

    /// <summary>Its meter.</summary>
    internal StoreInstruments Instruments => _instruments;

    /// <summary>The last batch could not be written.</summary>
    public bool IsAway => _writer.IsAway;

    /// <summary>More waits to be written than goes into one batch.</summary>
    public bool IsBehind => _writer.IsBehind;

    /// <summary>Writes with the next batch.</summary>
    /// <param name="weight">The memory that the write holds while it waits, in bytes, roughly.</param>
    /// <param name="apply">Writes, and says what came of it.</param>
    /// <returns>Completes when it is durable; fails when it is not.</returns>
    /// <exception cref="StoreUnavailableException">The file can not be written now.</exception>
    public Task<TResult> WriteAsync<TResult>(long weight, Func<PreparedCommands, TResult> apply)
    {
        var write = new SqliteWrite<TResult>(weight, apply);
        _writer.HandIn(write);
        return write.Task;
    }

    /// <summary>Writes with the next batch.</summary>
    internal void Write(SqliteWrite write) => _writer.HandIn(write);

    /// <summary>Reads off the caller's turn.</summary>
    /// <exception cref="StoreUnavailableException">The file can not be read now.</exception>
    public async Task<TResult> ReadAsync<TResult>(Func<PreparedCommands, TResult> read)
    {
        await _readersFree.WaitAsync();
        try
        {
            return await Task.Run(() => Read(read));
        }
        catch (Exception exception) when (SqliteErrors.Translate(exception) is StoreUnavailableException translated)
        {
            _instruments.Failed(1);
            throw translated;
        }
        finally
        {
            _readersFree.Release();
        }
    }

    /// <summary>Reads on this thread. For the start of the process.</summary>
    public TResult Read<TResult>(Func<PreparedCommands, TResult> read)
    {
        if (!_readers.TryTake(out var reader))
        {
            reader = new Reader(Open(ReaderCacheKiB));
        }

        try
        {
            return read(reader.Commands);
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _readersFree.Dispose();
    }

    private SqliteConnection Open(int cacheKiB)
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();

        // synchronous=FULL: a commit that was answered survives power loss, not only the end of the process.
        // A page is written back to the file once for 64 MiB of the log, and not at every commit.
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16384;";
        command.ExecuteNonQuery();
#pragma warning disable CA2100
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size=-{cacheKiB}");
#pragma warning restore CA2100
        command.ExecuteNonQuery();
        return connection;
    }

    private sealed record Reader(SqliteConnection Connection) : IDisposable
    {
        public PreparedCommands Commands { get; } = new(Connection);

        public void Dispose()
        {
            Commands.Dispose();
            Connection.Dispose();
        }
    }
}
