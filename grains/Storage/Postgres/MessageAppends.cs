using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>All new messages of a batch, in one statement.</summary>
internal sealed class MessageAppends : BatchStatement
{
    private const string Sql =
        """
        INSERT INTO device_message (
          product_key, device_name, message_id, sequence, name, payload, topic, needs_subscription, qos, created_at, expires_at,
          status, attempts, rounds, sent_at, finished_at, reason, resent_at)
        SELECT * FROM unnest(
          $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::boolean[], $9::smallint[], $10::bigint[], $11::bigint[],
          $12::smallint[], $13::integer[], $14::integer[], $15::bigint[], $16::bigint[], $17::text[], $18::bytea[])
        ON CONFLICT (product_key, device_name, message_id) DO NOTHING
        RETURNING product_key, device_name, message_id
        """;

    private readonly List<MessageAppend> _writes = [];
    private readonly Dictionary<MessageKey, MessageAppend> _firstOf = [];
    private readonly HashSet<MessageKey> _stored = [];

    /// <inheritdoc/>
    public override bool HasRows => true;

    /// <summary>Of two messages with one id only the first can be new.</summary>
    public void Add(MessageAppend write)
    {
        _writes.Add(write);
        _firstOf.TryAdd(write.Key, write);
    }

    /// <inheritdoc/>
    public override NpgsqlBatchCommand ToCommand()
    {
        var columns = new MessageColumns(_firstOf.Count);
        foreach (var write in _firstOf.Values)
        {
            columns.Add(write.Message);
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
            _stored.Add(new MessageKey(new(rows.GetString(0), rows.GetString(1)), rows.GetString(2)));
        }
    }

    /// <inheritdoc/>
    public override void AddEventsTo(StatusEventBuffer events)
    {
        foreach (var write in _writes)
        {
            if (IsNew(write))
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
            write.Result = IsNew(write);
        }
    }

    private bool IsNew(MessageAppend write) => _firstOf[write.Key] == write && _stored.Contains(write.Key);
}
