using IotPlatform.Broadcasts;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Receipts of broadcasts, in PostgreSQL.</summary>
public sealed class PostgresBroadcastStore(PostgresDatabase database) : IBroadcastStore
{
    private const string Columns =
        "message_id, product_key, topic, qos, payload_bytes, targeted, written, dropped, unknown, created_at, completed_at";

    /// <inheritdoc/>
    public Task SaveAsync(BroadcastReceipt receipt)
    {
        PostgresText.Checked(receipt.ProductKey);
        PostgresText.Checked(receipt.Topic ?? "");
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.Of(receipt),
            $"""
            INSERT INTO broadcast ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (message_id) DO UPDATE SET
              product_key = EXCLUDED.product_key, topic = EXCLUDED.topic, qos = EXCLUDED.qos, payload_bytes = EXCLUDED.payload_bytes,
              targeted = EXCLUDED.targeted, written = EXCLUDED.written, dropped = EXCLUDED.dropped, unknown = EXCLUDED.unknown,
              created_at = EXCLUDED.created_at, completed_at = EXCLUDED.completed_at
            """,
            parameters => parameters
                .With(receipt.MessageId).With(receipt.ProductKey).WithNullable(receipt.Topic).With((short)receipt.QoS).With(receipt.PayloadBytes)
                .With(receipt.Tally.Targeted).With(receipt.Tally.Written).With(receipt.Tally.Dropped).With(receipt.Tally.Unknown)
                .With(StoreTime.ToStore(receipt.CreatedAt))
                .WithNullable(receipt.CompletedAt is { } completedAt ? StoreTime.ToStore(completedAt) : null),
            static (_, _) => true));
    }

    /// <inheritdoc/>
    public async Task<BroadcastReceipt?> FindAsync(string productKey, long messageId)
    {
        if (!PostgresText.CanHold(productKey))
        {
            return null;
        }

        var found = await database.ReadAsync(connection => connection.QueryAsync(
            $"SELECT {Columns} FROM broadcast WHERE message_id = $1 AND product_key = $2",
            parameters => parameters.With(messageId).With(productKey),
            Receipt));
        return found.FirstOrDefault();
    }

    /// <inheritdoc/>
    /// <remarks>Past the rows that another silo is deleting.</remarks>
    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) =>
        database.ReadAsync(connection => connection.ExecuteAsync(
            """
            DELETE FROM broadcast WHERE message_id = ANY (ARRAY (
              SELECT message_id FROM broadcast WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))
            """,
            parameters => parameters.With(StoreTime.ToStore(before)).With(limit)));

    private static BroadcastReceipt Receipt(NpgsqlDataReader row) => new(
        row.GetString(1),
        row.GetInt64(0),
        row.GetText(2),
        row.GetInt16(3),
        row.GetInt32(4),
        new BroadcastTally(row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8)),
        StoreTime.FromStore(row.GetInt64(9)),
        row.GetTime(10));
}
