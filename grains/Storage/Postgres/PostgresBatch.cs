using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>
/// The statements that write a batch: one each for all new messages, all changes of messages, all new messages of sessions and all removals of those, and one each
/// for everything else. Their outcome is that of the writes one after the other: new messages come before changes, unless a change was handed in before a new message of the same id.
/// </summary>
/// <param name="number">Names this attempt to write the batch; each later one of the process has a larger number.</param>
internal sealed class PostgresBatch(long number)
{
    private readonly List<BatchStatement> _statements = [];
    private MessageAppends? _appends;
    private MessageUpdates? _updates;
    private SessionAppends? _sessionAppends;
    private SessionRemovals? _sessionRemovals;

    /// <summary>Names this attempt.</summary>
    public long Number { get; } = number;

    public void Add(MessageAppend write)
    {
        if (_updates?.Has(write.Key) == true)
        {
            // Its change was for a row that is there, or for none: it must not reach the new one.
            _appends = null;
            _updates = null;
        }

        if (_appends is null)
        {
            // The changes that come before it are of other messages, and can as well come after.
            _appends = new MessageAppends();
            _statements.Insert(_updates is null ? _statements.Count : _statements.IndexOf(_updates), _appends);
        }

        _appends.Add(write);
    }

    public void Add(MessageUpdate write)
    {
        if (_updates is null)
        {
            _updates = new MessageUpdates();
            _statements.Add(_updates);
        }

        _updates.Add(write);
    }

    public void Add(PostgresSessionAppend write)
    {
        if (_sessionAppends is null)
        {
            // Removals that come before it are of other messages, and can as well come after.
            _sessionAppends = new SessionAppends();
            _statements.Insert(_sessionRemovals is null ? _statements.Count : _statements.IndexOf(_sessionRemovals), _sessionAppends);
        }

        _sessionAppends.Add(write);
    }

    public void Add(PostgresSessionRemoval write)
    {
        if (_sessionRemovals is null)
        {
            _sessionRemovals = new SessionRemovals();
            _statements.Add(_sessionRemovals);
        }

        _sessionRemovals.Add(write);
    }

    public void Add(PostgresSessionDelete write)
    {
        // What comes behind it is of another session of the device.
        _statements.AddRange(write.Statements());
        _sessionAppends = null;
        _sessionRemovals = null;
    }

    public void Add(BatchStatement statement) => _statements.Add(statement);

    /// <summary>Runs the statements in one round trip and reads their answers, within the connection's transaction; in another one, stores the events of messages.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="first">A statement without rows that goes before all others.</param>
    /// <param name="now">The time.</param>
    public async Task ExecuteAsync(NpgsqlConnection connection, NpgsqlBatchCommand first, DateTimeOffset now)
    {
        await ExecuteAsync(connection, first);
        using var events = new StatusEventBuffer();
        foreach (var statement in _statements)
        {
            statement.AddEventsTo(events);
        }

        if (!events.IsEmpty)
        {
            await PostgresStatusEventStore.AppendAsync(connection, events, now);
        }
    }

    /// <summary>Tells the writes what came of them: the batch is durable.</summary>
    public void Publish()
    {
        foreach (var statement in _statements)
        {
            statement.Publish();
        }
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, NpgsqlBatchCommand first)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(first);
        foreach (var statement in _statements)
        {
            batch.BatchCommands.Add(statement.ToCommand());
        }

        await using (var rows = await batch.ExecuteReaderAsync())
        {
            foreach (var statement in _statements)
            {
                if (statement.HasRows)
                {
                    await statement.ReadAsync(rows);
                    await rows.NextResultAsync();
                }
            }
        }

        for (var i = 0; i < _statements.Count; i++)
        {
            _statements[i].Changed(batch.BatchCommands[i + 1].RecordsAffected);
        }
    }
}
