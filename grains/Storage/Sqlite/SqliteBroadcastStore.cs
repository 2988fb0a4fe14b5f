using IotPlatform.Broadcasts;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Receipts of broadcasts, in SQLite.</summary>
public sealed class SqliteBroadcastStore(SqliteDatabase database) : IBroadcastStore
{
    private const string Columns =
        "message_id, product_key, topic, qos, payload_bytes, targeted, written, dropped, unknown, created_at, completed_at";

    /// <inheritdoc/>
    public Task SaveAsync(BroadcastReceipt receipt) =>
        database.WriteAsync(StoreWeight.Of(receipt), commands => commands.Execute(
            $"INSERT OR REPLACE INTO broadcast ({Columns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10)",
            receipt.MessageId, receipt.ProductKey, receipt.Topic, (long)receipt.QoS, (long)receipt.PayloadBytes,
            receipt.Tally.Targeted, receipt.Tally.Written, receipt.Tally.Dropped, receipt.Tally.Unknown,
            StoreTime.ToStore(receipt.CreatedAt), StoreTime.ToStore(receipt.CompletedAt)));

    /// <inheritdoc/>
    public Task<BroadcastReceipt?> FindAsync(string productKey, long messageId) =>
        database.ReadAsync(commands =>
        {
            using var row = commands.Query($"SELECT {Columns} FROM broadcast WHERE message_id = @p0 AND product_key = @p1", messageId, productKey);
            return !row.Read() ? null : new BroadcastReceipt(
                row.GetString(1),
                row.GetInt64(0),
                row.IsDBNull(2) ? null : row.GetString(2),
                row.GetInt32(3),
                row.GetInt32(4),
                new BroadcastTally(row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8)),
                StoreTime.FromStore(row.GetInt64(9)),
                row.IsDBNull(10) ? null : StoreTime.FromStore(row.GetInt64(10)));
        });

    /// <inheritdoc/>
    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "DELETE FROM broadcast WHERE message_id IN (SELECT message_id FROM broadcast WHERE created_at < @p0 LIMIT @p1)",
            StoreTime.ToStore(before), (long)limit));
}
