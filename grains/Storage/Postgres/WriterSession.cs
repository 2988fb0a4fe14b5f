using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>
/// One connection of a process's writer. It takes over the writer's row in <c>store_writer</c> when it begins, and changes it with every batch. So
/// the row says which batch was the last to be committed, and an earlier session of the same writer, whose connection is lost but whose
/// server process may still be at work, can commit nothing more: its batches find another session's number in the row and end at its
/// NOT NULL.
/// </summary>
internal sealed class WriterSession : IAsyncDisposable
{
    /// <summary>The table of writers' rows.</summary>
    public const string Table = "store_writer";

    // Waits for a batch of an earlier session that is still under way. A session that opens late does not take over from a later one.
    private const string TakeOverSql =
        $"""
        INSERT INTO {Table} AS w (writer_id, session, batch, written_at) VALUES ($1, $2, 0, now())
        ON CONFLICT (writer_id) DO UPDATE SET session = greatest(w.session, EXCLUDED.session), written_at = EXCLUDED.written_at
        RETURNING batch
        """;

    private const string WriteSql =
        $"""
        INSERT INTO {Table} AS w (writer_id, session, batch, written_at) VALUES ($1, $2, $3, now())
        ON CONFLICT (writer_id) DO UPDATE SET
          session = CASE w.session WHEN EXCLUDED.session THEN w.session END, batch = EXCLUDED.batch, written_at = EXCLUDED.written_at
        """;

    private readonly NpgsqlConnection _connection;
    private readonly Guid _writerId;
    private readonly long _number;

    private WriterSession(NpgsqlConnection connection, Guid writerId, long number, long lastBatch)
    {
        _connection = connection;
        _writerId = writerId;
        _number = number;
        LastBatch = lastBatch;
    }

    /// <summary>The number of the writer's last batch that was committed; 0 for none.</summary>
    public long LastBatch { get; private set; }

    /// <summary>Whether the connection is good for another batch.</summary>
    public bool IsOpen => _connection.State == System.Data.ConnectionState.Open;

    /// <summary>Connects and takes the writer's row over.</summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="writerId">The writer.</param>
    /// <param name="number">Larger than that of every earlier session of the writer.</param>
    public static async Task<WriterSession> OpenAsync(NpgsqlDataSource dataSource, Guid writerId, long number)
    {
        var connection = await dataSource.OpenConnectionAsync();
        try
        {
            await using var command = new NpgsqlCommand(TakeOverSql, connection);
            command.Parameters.With(writerId).With(number);
            return new WriterSession(connection, writerId, number, (long)(await command.ExecuteScalarAsync())!);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a batch and commits it, in round trips of their own: the answers of all statements are here before anything is durable.</summary>
    public async Task CommitAsync(PostgresBatch batch, DateTimeOffset now)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        var first = new NpgsqlBatchCommand(WriteSql);
        first.Parameters.With(_writerId).With(_number).With(batch.Number);
        await batch.ExecuteAsync(_connection, first, now);
        await transaction.CommitAsync();
        LastBatch = batch.Number;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
