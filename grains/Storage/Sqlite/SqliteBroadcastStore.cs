using System.Collections.Immutable;
using System.Data.Common;
using IotPlatform.Broadcasts;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Broadcasts, in SQLite.</summary>
public sealed class SqliteBroadcastStore(SqliteDatabase database) : IBroadcastStore
{
    private const string Columns =
        "broadcast.message_id, product_key, topic, qos, payload_bytes, targeted, written, dropped, unknown, waiting, acknowledged, late, retried, created_at, completed_at, "
        + "status, filter, max_rate, expires_at, gateways";

    private const string MessageColumns = "payload, properties, stale_at, gateways_before";

    /// <inheritdoc/>
    public Task SaveAsync(BroadcastReceipt receipt) => database.WriteAsync(StoreWeight.Of(receipt), commands => Save(commands, receipt));

    /// <inheritdoc/>
    public Task SaveAsync(LastingBroadcast broadcast) =>
        database.WriteAsync(StoreWeight.Of(broadcast), commands =>
        {
            var message = broadcast.Message;
            commands.Execute(
                $"INSERT OR REPLACE INTO broadcast_message (message_id, {MessageColumns}) VALUES (@p0, @p1, @p2, @p3, @p4)",
                message.MessageId, message.Payload.ToArray(), message.Properties.ToArray(), StoreTime.ToStore(message.StaleAt), BroadcastJson.Of(broadcast.Before));
            return Save(commands, broadcast.Receipt);
        });

    /// <inheritdoc/>
    public Task<BroadcastReceipt?> FindAsync(string productKey, long messageId) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query($"SELECT {Columns} FROM broadcast WHERE broadcast.message_id = @p0 AND product_key = @p1", messageId, productKey), Receipt).FirstOrDefault());

    /// <inheritdoc/>
    public Task<LastingBroadcast?> FindLastingAsync(string productKey, long messageId) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                $"SELECT {Columns}, {MessageColumns} FROM broadcast JOIN broadcast_message USING (message_id) WHERE broadcast.message_id = @p0 AND product_key = @p1",
                messageId, productKey),
            Lasting).FirstOrDefault());

    /// <inheritdoc/>
    public Task<ImmutableArray<BroadcastReceipt>> ListAsync(string productKey, long? before, int size) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                $"SELECT {Columns} FROM broadcast WHERE product_key = @p0 AND broadcast.message_id < @p1 ORDER BY broadcast.message_id DESC LIMIT @p2",
                productKey, before ?? long.MaxValue, (long)size),
            Receipt));

    /// <inheritdoc/>
    public Task<ImmutableArray<LastingBroadcast>> FindRunningAsync(string productKey) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                $"SELECT {Columns}, {MessageColumns} FROM broadcast JOIN broadcast_message USING (message_id) WHERE product_key = @p0 AND status = 1 ORDER BY broadcast.message_id",
                productKey),
            Lasting));

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> FindRunningProductsAsync() =>
        database.ReadAsync(static commands => SqliteRows.All(
            commands.Query("SELECT DISTINCT product_key FROM broadcast WHERE status = 1"), static row => row.GetString(0)));

    /// <inheritdoc/>
    public Task NoteAsync(long messageId, ImmutableArray<DeviceNote> notes) =>
        database.WriteAsync(StoreWeight.Of(notes), commands =>
        {
            foreach (var note in notes)
            {
                commands.Execute(
                    note.HasAcknowledged
                        ? "DELETE FROM broadcast_unacknowledged WHERE message_id = @p0 AND device_name = @p1"
                        : "INSERT OR IGNORE INTO broadcast_unacknowledged (message_id, device_name) VALUES (@p0, @p1)",
                    messageId, note.DeviceName);
            }

            return true;
        });

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> ListUnacknowledgedAsync(long messageId, string? after, int size) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                "SELECT device_name FROM broadcast_unacknowledged WHERE message_id = @p0 AND device_name > @p1 ORDER BY device_name LIMIT @p2",
                messageId, after ?? "", (long)size),
            static row => row.GetString(0)));

    /// <inheritdoc/>
    public Task AddReachedAsync(long messageId, int part, ImmutableArray<ulong> hashes) =>
        database.WriteAsync(StoreWeight.Of(hashes), commands => commands.Execute(
            "INSERT INTO broadcast_reached (message_id, part, devices) VALUES (@p0, @p1, @p2)", messageId, (long)part, StoreBytes.Of(hashes)));

    /// <inheritdoc/>
    public Task<ImmutableArray<ulong>> LoadReachedAsync(long messageId, int part) =>
        database.ReadAsync<ImmutableArray<ulong>>(commands =>
            [.. SqliteRows.All(commands.Query("SELECT devices FROM broadcast_reached WHERE message_id = @p0 AND part = @p1", messageId, (long)part),
                static row => StoreBytes.Numbers(row.GetFieldValue<byte[]>(0))).SelectMany(static hashes => hashes)]);

    /// <inheritdoc/>
    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => Delete(commands, SqliteRows.All(
            commands.Query("SELECT message_id FROM broadcast WHERE created_at < @p0 AND status <> 1 LIMIT @p1", StoreTime.ToStore(before), (long)limit),
            static row => row.GetInt64(0))));

    /// <inheritdoc/>
    public Task<int> DeleteBeyondAsync(int kept, int limit) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => Delete(commands, SqliteRows.All(
            commands.Query(
                """
                SELECT message_id FROM broadcast
                JOIN (
                  SELECT product_key AS product, (
                    SELECT message_id FROM broadcast AS kept WHERE kept.product_key = all_products.product_key ORDER BY message_id DESC LIMIT 1 OFFSET @p0) AS newest_beyond
                  FROM (SELECT DISTINCT product_key FROM broadcast) AS all_products) ON product = product_key AND message_id <= newest_beyond
                WHERE status <> 1 LIMIT @p1
                """,
                (long)kept, (long)limit),
            static row => row.GetInt64(0))));

    private static bool Save(PreparedCommands commands, BroadcastReceipt receipt)
    {
        var tally = receipt.Tally;
        commands.Execute(
            """
            INSERT OR REPLACE INTO broadcast (
              message_id, product_key, topic, qos, payload_bytes, targeted, written, dropped, unknown, waiting, acknowledged, late, retried, created_at, completed_at,
              status, filter, max_rate, expires_at, gateways)
            VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16, @p17, @p18, @p19)
            """,
            receipt.MessageId, receipt.ProductKey, receipt.Topic, (long)receipt.QoS, (long)receipt.PayloadBytes,
            tally.Targeted, tally.Written, tally.Dropped, tally.Unknown, tally.Waiting, tally.Acknowledged, tally.Late, tally.Retried,
            StoreTime.ToStore(receipt.CreatedAt), StoreTime.ToStore(receipt.CompletedAt), (long)receipt.Status, BroadcastJson.Of(receipt.Filter), (long)receipt.MaxRate,
            StoreTime.ToStore(receipt.ExpiresAt), BroadcastJson.Of(receipt.Gateways));
        return true;
    }

    private static int Delete(PreparedCommands commands, ImmutableArray<long> messageIds)
    {
        foreach (var messageId in messageIds)
        {
            commands.Execute("DELETE FROM broadcast_unacknowledged WHERE message_id = @p0", messageId);
            commands.Execute("DELETE FROM broadcast_reached WHERE message_id = @p0", messageId);
            commands.Execute("DELETE FROM broadcast_message WHERE message_id = @p0", messageId);
            commands.Execute("DELETE FROM broadcast WHERE message_id = @p0", messageId);
        }

        return messageIds.Length;
    }

    private static BroadcastReceipt Receipt(DbDataReader row) => new(
        row.GetString(1),
        row.GetInt64(0),
        row.GetText(2),
        row.GetInt32(3),
        row.GetInt32(4),
        new BroadcastTally(row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11), row.GetInt64(12)),
        StoreTime.FromStore(row.GetInt64(13)),
        row.GetTime(14),
        (BroadcastStatus)row.GetInt32(15),
        BroadcastJson.Filter(row.GetText(16)),
        row.GetInt32(17),
        row.GetTime(18),
        BroadcastJson.Gateways(row.GetString(19)));

    private static LastingBroadcast Lasting(DbDataReader row) =>
        LastingBroadcast.Of(Receipt(row), row.GetFieldValue<byte[]>(20), row.GetFieldValue<byte[]>(21), row.GetTime(22), BroadcastJson.Gateways(row.GetString(23)));
}
