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
          $1::text[], $2::text[], $3::text[], $4::smallint[], $5::integer[], $6::integer[], $7::bigint[], $8::bigint[], $9::text[], $10::bytea[])
          AS u (product_key, device_name, message_id, status, attempts, rounds, sent_at, finished_at, reason, resent_at)
        WHERE m.product_key = u.product_key AND m.device_name = u.device_name AND m.message_id = u.message_id
          AND coalesce(m.finished_at, 0) = 0
        """;

    private readonly Dictionary<MessageKey, MessageProgress> _progressOf = [];

    public bool Has(MessageKey key) => _progressOf.ContainsKey(key);

    public void Add(MessageUpdate write)
    {
        if (!_progressOf.TryGetValue(write.Key, out var earlier) || earlier.FinishedAt is null)
        {
            _progressOf[write.Key] = write.Progress;
        }
    }

    /// <inheritdoc/>
    public override NpgsqlBatchCommand ToCommand()
    {
        var count = _progressOf.Count;
        var (productKeys, deviceNames, messageIds, progress) = (new string[count], new string[count], new string[count], new ProgressColumns(count));
        var i = 0;
        foreach (var (key, value) in _progressOf)
        {
            productKeys[i] = key.Device.ProductKey;
            deviceNames[i] = key.Device.DeviceName;
            messageIds[i++] = key.MessageId;
            progress.Add(value);
        }

        var command = new NpgsqlBatchCommand(Sql);
        command.Parameters.With(productKeys).With(deviceNames).With(messageIds);
        progress.AddTo(command.Parameters);
        return command;
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        // Nobody is told whether there was a row to change.
    }
}
