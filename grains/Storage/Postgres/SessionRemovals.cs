using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>All messages that the clients of a batch's sessions are done with, in one statement.</summary>
internal sealed class SessionRemovals : BatchStatement
{
    private const string Sql =
        """
        DELETE FROM session_message AS m
        USING unnest($1::integer[], $2::text[], $3::text[], $4::bigint[]) AS k (shard, product_key, device_name, sequence)
        WHERE m.shard = k.shard AND m.product_key = k.product_key AND m.device_name = k.device_name AND m.sequence = k.sequence
        """;

    private readonly List<PostgresSessionRemoval> _writes = [];

    public void Add(PostgresSessionRemoval write) => _writes.Add(write);

    /// <inheritdoc/>
    public override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(Sql);
        command.Parameters
            .With(Column(static write => write.Shard))
            .With(Column(static write => write.Device.ProductKey))
            .With(Column(static write => write.Device.DeviceName))
            .With(Column(static write => write.Sequence));
        return command;
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        // Nobody is told whether there was a row.
    }

    private T[] Column<T>(Func<PostgresSessionRemoval, T> valueOf) => [.. _writes.Select(valueOf)];
}
