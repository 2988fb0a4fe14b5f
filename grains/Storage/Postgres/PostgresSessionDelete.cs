using IotPlatform.Devices;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>The end of a session. Its result says nothing.</summary>
internal sealed class PostgresSessionDelete(int shard, DeviceId device) : PostgresWrite<bool>(StoreWeight.OfSmall)
{
    /// <inheritdoc/>
    public override void AddTo(PostgresBatch batch) => batch.Add(this);

    /// <summary>The statements that carry it out.</summary>
    public IEnumerable<BatchStatement> Statements() => [new Deletion("session_message", this), new Deletion("session", this)];

    private sealed class Deletion(string table, PostgresSessionDelete write) : BatchStatement
    {
        public override NpgsqlBatchCommand ToCommand()
        {
            var command = new NpgsqlBatchCommand($"DELETE FROM {table} WHERE shard = $1 AND product_key = $2 AND device_name = $3");
            command.Parameters.With(write.Shard).With(write.Device.ProductKey).With(write.Device.DeviceName);
            return command;
        }

        public override void Publish()
        {
            // Nobody is told whether there was a row.
        }
    }

    private int Shard => shard;

    private DeviceId Device => device;
}
