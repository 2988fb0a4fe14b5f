using IotPlatform.Devices;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>All changes of messages in a batch, in one statement: the last one of each message, or the first that is final.</summary>
internal sealed class MessageUpdates : BatchStatement
{
    // By its key, and not by the index of what is open: that still holds all that the device has had since the last vacuum. With coalesce it can not be used.
    private const string Sql =
        """
        UPDATE device_message AS m SET
          status = u.status, attempts = u.attempts, rounds = u.rounds, sent_at = u.sent_at, finished_at = u.finished_at, reason = u.reason, resent_at = u.resent_at
        FROM unnest(
          $1::bigint[], $2::bigint[], $3::integer[], $4::smallint[], $5::integer[], $6::integer[], $7::bigint[], $8::bigint[], $9::text[], $10::bytea[])
          AS u (device_key, sequence, place, status, attempts, rounds, sent_at, finished_at, reason, resent_at)
        WHERE m.device_key = u.device_key AND m.sequence = u.sequence AND coalesce(m.finished_at, 0) = 0
        RETURNING u.place
        """;

    private readonly Dictionary<MessageKey, int> _placeOf = [];
    private readonly List<MessageChange> _changes = [];
    private readonly List<int> _changed = [];

    /// <inheritdoc/>
    public override bool HasRows => true;

    public bool Has(MessageKey key) => _placeOf.ContainsKey(key);

    public void Add(MessageUpdate write)
    {
        if (_placeOf.TryGetValue(write.Key, out var place))
        {
            _changes[place] = write.Change.Over(_changes[place]);
            return;
        }

        _placeOf.Add(write.Key, _changes.Count);
        _changes.Add(write.Change);
    }

    /// <inheritdoc/>
    public override NpgsqlBatchCommand ToCommand()
    {
        var count = _changes.Count;
        var (deviceKeys, sequences, progress) = (new long[count], new long[count], new ProgressColumns(count));
        for (var i = 0; i < count; i++)
        {
            var change = _changes[i];
            deviceKeys[i] = DeviceKey.Of(change.Device);
            sequences[i] = change.Sequence;
            progress.Add(change.Progress);
        }

        var command = new NpgsqlBatchCommand(Sql);
        command.Parameters.With(deviceKeys).With(sequences).With(Enumerable.Range(0, count).ToArray());
        progress.AddTo(command.Parameters);
        return command;
    }

    /// <inheritdoc/>
    public override async Task ReadAsync(NpgsqlDataReader rows)
    {
        while (await rows.ReadAsync())
        {
            _changed.Add(rows.GetInt32(0));
        }

        // In the order in which they were handed in.
        _changed.Sort();
    }

    /// <inheritdoc/>
    public override void AddEventsTo(StatusEventBuffer events)
    {
        foreach (var place in _changed)
        {
            events.Add(_changes[place]);
        }
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        // Nobody is told whether there was a row to change.
    }
}
