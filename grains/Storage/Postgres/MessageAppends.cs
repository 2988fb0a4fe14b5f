using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>All new messages of a batch, in one statement.</summary>
internal sealed class MessageAppends : BatchStatement
{
    // An id that a caller gave may be that of a message without one, which is in no index by its id. One row at most has a key and a sequence. A subquery of another kind
    // could be planned to read the whole table once.
    private const string Sql =
        """
        INSERT INTO device_message (
          device_key, sequence, has_own_id, product_key, device_name, message_id, name, payload, topic, needs_subscription, qos, created_at, expires_at,
          status, attempts, rounds, sent_at, finished_at, reason, resent_at)
        SELECT
          n.device_key, n.sequence, n.sequence_named <> n.sequence, n.product_key, n.device_name, n.message_id, n.name, n.payload, n.topic, n.needs_subscription, n.qos,
          n.created_at, n.expires_at, n.status, n.attempts, n.rounds, n.sent_at, n.finished_at, n.reason, n.resent_at
        FROM unnest(
          $1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::text[], $10::boolean[], $11::smallint[], $12::bigint[],
          $13::bigint[], $14::smallint[], $15::integer[], $16::integer[], $17::bigint[], $18::bigint[], $19::text[], $20::bytea[])
          AS n (
            device_key, sequence, sequence_named, product_key, device_name, message_id, name, payload, topic, needs_subscription, qos, created_at,
            expires_at, status, attempts, rounds, sent_at, finished_at, reason, resent_at)
        WHERE n.sequence_named IN (0, n.sequence)
          OR (
            SELECT o.has_own_id FROM device_message AS o
            WHERE o.device_key = n.device_key AND o.sequence = n.sequence_named AND o.product_key = n.product_key AND o.device_name = n.device_name) IS NOT FALSE
        ON CONFLICT (device_key, message_id, product_key, device_name) WHERE has_own_id DO NOTHING
        RETURNING device_key, sequence
        """;

    private readonly List<MessageAppend> _writes = [];
    private readonly Dictionary<(long DeviceKey, long Sequence), MessageAppend> _firstOf = [];
    private readonly HashSet<MessageAppend> _stored = [];

    /// <inheritdoc/>
    public override bool HasRows => true;

    public void Add(MessageAppend write)
    {
        _writes.Add(write);

        // Of two with one sequence only the first can be new.
        _firstOf.TryAdd((write.DeviceKey, write.Key.Sequence), write);
    }

    /// <inheritdoc/>
    public override NpgsqlBatchCommand ToCommand()
    {
        var columns = new MessageColumns(_writes.Count);
        foreach (var write in _writes)
        {
            columns.Add(write);
        }

        var command = new NpgsqlBatchCommand(Sql);
        columns.AddTo(command.Parameters);
        return command;
    }

    /// <inheritdoc/>
    public override async Task ReadAsync(NpgsqlDataReader rows)
    {
        while (await rows.ReadAsync())
        {
            _stored.Add(_firstOf[(rows.GetInt64(0), rows.GetInt64(1))]);
        }
    }

    /// <inheritdoc/>
    public override void AddEventsTo(StatusEventBuffer events)
    {
        foreach (var write in _writes)
        {
            if (_stored.Contains(write))
            {
                events.Add(write.Message);
            }
        }
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        foreach (var write in _writes)
        {
            write.Result = _stored.Contains(write);
        }
    }
}
