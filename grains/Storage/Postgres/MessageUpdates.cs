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
          $1::text[], $2::text[], $3::text[], $4::integer[], $5::smallint[], $6::integer[], $7::integer[], $8::bigint[], $9::bigint[], $10::text[], $11::bytea[])
          AS u (product_key, device_name, message_id, place, status, attempts, rounds, sent_at, finished_at, reason, resent_at)
        WHERE m.product_key = u.product_key AND m.device_name = u.device_name AND m.message_id = u.message_id
          AND coalesce(m.finished_at, 0) = 0
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
        var (productKeys, deviceNames, messageIds, progress) = (new string[count], new string[count], new string[count], new ProgressColumns(count));
        for (var i = 0; i < count; i++)
        {
            var change = _changes[i];
            productKeys[i] = change.Device.ProductKey;
            deviceNames[i] = change.Device.DeviceName;
            messageIds[i] = change.MessageId;
            progress.Add(change.Progress);
        }

        var command = new NpgsqlBatchCommand(Sql);
        command.Parameters.With(productKeys).With(deviceNames).With(messageIds).With(Enumerable.Range(0, count).ToArray());
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
