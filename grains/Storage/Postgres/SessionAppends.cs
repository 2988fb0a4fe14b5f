using Npgsql;
using NpgsqlTypes;

namespace IotPlatform.Storage.Postgres;

/// <summary>Messages for sessions that follow each other in a batch, in one statement.</summary>
internal sealed class SessionAppends : BatchStatement
{
    private const string Sql =
        """
        INSERT INTO session_message (
          shard, product_key, device_name, sequence, topic, payload, properties, qos, is_retain, identifiers, share, publish_id, expires_at, is_released)
        SELECT *, false FROM unnest(
          $1::integer[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::smallint[], $9::boolean[], $10::bytea[],
          $11::text[], $12::bigint[], $13::bigint[])
        """;

    private readonly List<PostgresSessionAppend> _writes = [];

    public void Add(PostgresSessionAppend write) => _writes.Add(write);

    /// <inheritdoc/>
    public override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(Sql);
        command.Parameters
            .With(Column(static write => write.Shard))
            .With(Column(static write => write.Device.ProductKey))
            .With(Column(static write => write.Device.DeviceName))
            .With(Column(static write => write.Sequence))
            .With(Column(static write => write.Copy.Message.Topic.ToStored()))
            .With(Column(static write => write.Copy.Message.Payload.ToStored()))
            .With(Column(static write => write.Copy.Message.Properties.ToStored()))
            .With(Column(static write => (short)write.Copy.QoS))
            .With(Column(static write => write.Copy.IsRetain))
            .With(Column(static write => write.Copy.Identifiers.ToStored()));
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = Column(static write => write.Copy.Share) });
        command.Parameters.With(Column(static write => write.Copy.Message.PublishId));
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
            Value = Column(static write => write.Copy.Message.ExpiresAt is { } time ? StoreTime.ToStore(time) : default(long?)),
        });
        return command;
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        // They are stored or the batch is not.
    }

    private T[] Column<T>(Func<PostgresSessionAppend, T> valueOf) => [.. _writes.Select(valueOf)];
}
