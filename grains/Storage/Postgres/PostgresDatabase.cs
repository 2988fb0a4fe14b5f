using Microsoft.Extensions.Logging;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>
/// The PostgreSQL database of a cluster, as one process uses it: one connection that writes, in batches, and a few that read. While the
/// server is away calls wait for it, and are tried again, for <see cref="StoreWait.Max"/> in all.
/// </summary>
public sealed partial class PostgresDatabase : IAsyncDisposable
{
    /// <summary>Connections that read at once. With the writer's, what one silo takes of the server's max_connections, which is 100 by default.</summary>
    private const int ReadersMax = 8;

    /// <summary>Connections that may hang in reads and writes that were given up, beside those in use.</summary>
    private const int GivenUpMax = 64;

    /// <summary>More than there are statements in the store.</summary>
    private const int PreparedMax = 64;

    // A statement that takes longer than its caller waits, and a transaction whose process is gone, must not keep their locks. Every statement finds
    // its rows by an index; a plan that was made while a table was small must not read all of it once it is large. What is acknowledged is
    // on disk, even where the server's default is otherwise; stricter defaults stay.
    private const string SessionSettings =
        """
        SET statement_timeout = '5s';
        SET idle_in_transaction_session_timeout = '2s';
        SET enable_seqscan = off;
        SET enable_hashjoin = off;
        SET enable_mergejoin = off;
        SET jit = off;
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """;

    private readonly NpgsqlDataSource _dataSource;
    private readonly BatchWriter<PostgresWrite> _writer;
    private readonly SemaphoreSlim _readersFree = new(ReadersMax);
    private readonly OutageLog _outages;
    private readonly ILogger _logger;

    /// <summary>Connects to nothing yet: see <see cref="OpenAsync"/>.</summary>
    /// <param name="connectionString">As Npgsql reads it; what concerns pooling, preparing and timeouts is replaced.</param>
    /// <param name="instruments">The store's meter.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told when the server goes away and comes back.</param>
    public PostgresDatabase(string connectionString, StoreInstruments instruments, TimeProvider time, ILogger<PostgresDatabase> logger)
    {
        Instruments = instruments;
        Time = time;
        _logger = logger;
        _outages = new OutageLog(logger);
        _dataSource = Build(connectionString);
        _writer = new BatchWriter<PostgresWrite>(new PostgresCommitter(_dataSource, time), instruments, time, logger);
    }

    /// <summary>The last batch could not be written.</summary>
    internal bool IsAway => _writer.IsAway;

    /// <summary>More waits to be written than goes into one batch.</summary>
    internal bool IsBehind => _writer.IsBehind;

    internal StoreInstruments Instruments { get; }

    internal TimeProvider Time { get; }

    /// <summary>Makes sure that the database can be used. It changes no schema.</summary>
    /// <exception cref="InvalidOperationException">The schema is missing, older or newer than this program's; says what to do.</exception>
    /// <exception cref="StoreUnavailableException">The server did not answer in time.</exception>
    public async Task OpenAsync()
    {
        await ReadAsync(async connection =>
        {
            await PostgresMigrations.CheckAsync(connection, PostgresMigrations.Store);
            return true;
        });
        await ReadAsync(ForgetWritersAsync);
        if (await ReadAsync(SyncsToDiskAsync) == "off")
        {
            LogNotSynced(_logger);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _dataSource.DisposeAsync();
    }

    /// <summary>Writes with the next batch.</summary>
    internal Task<TResult> WriteAsync<TResult>(PostgresWrite<TResult> write)
    {
        _writer.HandIn(write);
        return write.Task;
    }

    /// <summary>Runs a statement, or a few, off the caller's turn. While the server is away it is tried again: it must bear being run twice.</summary>
    internal Task<TResult> ReadAsync<TResult>(Func<NpgsqlConnection, Task<TResult>> read)
    {
        var since = Time.GetTimestamp();
        return Task.Run(() => ReadAsync(read, since));
    }

    /// <summary>Tries once to run a statement, or a few.</summary>
    internal async Task<TResult> ReadOnceAsync<TResult>(Func<NpgsqlConnection, Task<TResult>> read, TimeSpan patience)
    {
        var since = Time.GetTimestamp();
        if (patience <= TimeSpan.Zero || !await _readersFree.WaitAsync(patience))
        {
            throw new StoreUnavailableException("Too many reads are under way.");
        }

        try
        {
            var rest = patience - Time.GetElapsedTime(since);
            var result = await GiveUpAfterAsync(ConnectAndReadAsync(read), rest > TimeSpan.Zero ? rest : throw new TimeoutException());
            _outages.Back();
            return result;
        }
        catch (Exception exception)
        {
            var translated = PostgresErrors.Translate(exception);
            if (translated is StoreUnavailableException)
            {
                _outages.Away(translated);
            }

            throw translated;
        }
        finally
        {
            _readersFree.Release();
        }
    }

    private static NpgsqlDataSource Build(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        var settings = builder.ConnectionStringBuilder;
        settings.Pooling = true;
        settings.MaxPoolSize = ReadersMax + 1 + GivenUpMax;
        settings.MinPoolSize = 0;
        settings.MaxAutoPrepare = PreparedMax;
        settings.AutoPrepareMinUsages = 2;
        settings.Timeout = (int)StoreWait.LastAttemptAfter.TotalSeconds;
        settings.ApplicationName ??= "iot-store";

        // Sessions keep the settings above, and nothing else is ever set in them.
        settings.NoResetOnClose = true;

        // The server ends what takes too long. The client's own way to do so asks the server to, and waits for it: it ends nothing when the server hangs.
        settings.CommandTimeout = 0;
        builder.UsePhysicalConnectionInitializer(Initialize, InitializeAsync);
        return builder.Build();
    }

    private static void Initialize(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(SessionSettings, connection);
        command.ExecuteNonQuery();
    }

    private static async Task InitializeAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(SessionSettings, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<TResult> ReadAsync<TResult>(Func<NpgsqlConnection, Task<TResult>> read, long since)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await ReadOnceAsync(read, StoreWait.AttemptEndsAfter - Time.GetElapsedTime(since));
            }
            catch (StoreUnavailableException) when (Time.GetElapsedTime(since) < StoreWait.LastAttemptAfter)
            {
                await Task.Delay(StoreWait.DelayAfter(failures), Time);
            }
            catch (StoreUnavailableException)
            {
                // Without the cause: it crosses grain calls, and what Npgsql throws must not.
                Instruments.Failed(1);
                throw new StoreUnavailableException("The store did not answer in time.");
            }
        }
    }

    private async Task<TResult> ConnectAndReadAsync<TResult>(Func<NpgsqlConnection, Task<TResult>> read)
    {
        await using var connection = await _dataSource.OpenConnectionAsync();
        return await read(connection);
    }

    // What is given up ends by itself: when the server answers after all, or its connection is found to be dead.
    private async Task<TResult> GiveUpAfterAsync<TResult>(Task<TResult> reading, TimeSpan patience)
    {
        try
        {
            return await reading.WaitAsync(patience, Time);
        }
        catch (TimeoutException)
        {
            _ = reading.ContinueWith(
                static given => given.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    // A process that has not written for a week has ended long ago.
    private static async Task<int> ForgetWritersAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            $"DELETE FROM {WriterSession.Table} WHERE written_at < now() - interval '7 days'", connection);
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> SyncsToDiskAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT current_setting('fsync')", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    [LoggerMessage(2005, LogLevel.Warning, "The PostgreSQL server runs with fsync off: what the store acknowledges does not survive a power loss")]
    private static partial void LogNotSynced(ILogger logger);
}
