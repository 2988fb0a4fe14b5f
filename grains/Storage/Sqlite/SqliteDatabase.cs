using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// The SQLite file of a standalone process: one connection that writes, in batches, and a few that read beside it (WAL).
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    private const int ReadersMax = 8;

    private readonly string _connectionString;
    private readonly ConcurrentBag<Reader> _readers = [];
    private readonly SemaphoreSlim _readersFree = new(ReadersMax);

    /// <summary>Opens the database and brings its schema up to date.</summary>
    /// <exception cref="InvalidOperationException">A newer version of this program has changed the schema.</exception>
    public SqliteDatabase(string path, StoreInstruments instruments, ILogger<SqliteDatabase> logger)
    {
        SQLitePCL.Batteries_V2.Init();
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        var connection = Open();
        SqliteMigrations.Apply(connection);
        Writer = new BatchWriter(connection, instruments, logger);
    }

    /// <summary>Where all writes go.</summary>
    public BatchWriter Writer { get; }

    /// <summary>Reads off the caller's turn.</summary>
    public async Task<TResult> ReadAsync<TResult>(Func<PreparedCommands, TResult> read)
    {
        await _readersFree.WaitAsync();
        try
        {
            return await Task.Run(() => Read(read));
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
            reader = new Reader(Open());
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
        await Writer.DisposeAsync();
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _readersFree.Dispose();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();

        // synchronous=FULL: a commit that was answered survives power loss, not only the end of the process.
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000; PRAGMA cache_size=-16384;";
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
