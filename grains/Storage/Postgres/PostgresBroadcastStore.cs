using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Broadcasts, in PostgreSQL.</summary>
public sealed class PostgresBroadcastStore(PostgresDatabase database) : IBroadcastStore
{
    private const string Columns =
        "message_id, product_key, topic, qos, payload_bytes, targeted, written, dropped, unknown, waiting, acknowledged, late, retried, created_at, completed_at, "
        + "status, filter, max_rate, expires_at, gateways";

    private const string MessageColumns = "payload, properties, stale_at, gateways_before";

    private const string SaveReceipt =
        $"""
        INSERT INTO broadcast ({Columns})
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        ON CONFLICT (message_id) DO UPDATE SET
          product_key = EXCLUDED.product_key, topic = EXCLUDED.topic, qos = EXCLUDED.qos, payload_bytes = EXCLUDED.payload_bytes,
          targeted = EXCLUDED.targeted, written = EXCLUDED.written, dropped = EXCLUDED.dropped, unknown = EXCLUDED.unknown, waiting = EXCLUDED.waiting,
          acknowledged = EXCLUDED.acknowledged, late = EXCLUDED.late, retried = EXCLUDED.retried,
          created_at = EXCLUDED.created_at, completed_at = EXCLUDED.completed_at, status = EXCLUDED.status, filter = EXCLUDED.filter,
          max_rate = EXCLUDED.max_rate, expires_at = EXCLUDED.expires_at, gateways = EXCLUDED.gateways
        """;

    /// <inheritdoc/>
    public Task SaveAsync(BroadcastReceipt receipt)
    {
        Check(receipt);
        return database.WriteAsync(new StatementWrite<bool>(StoreWeight.Of(receipt), SaveReceipt, parameters => Bind(parameters, receipt), static (_, _) => true));
    }

    /// <inheritdoc/>
    public Task SaveAsync(LastingBroadcast broadcast)
    {
        Check(broadcast.Receipt);
        var message = broadcast.Message;
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.Of(broadcast),
            $"""
            WITH receipt AS ({SaveReceipt})
            INSERT INTO broadcast_message (message_id, {MessageColumns}) VALUES ($1, $21, $22, $23, $24)
            ON CONFLICT (message_id) DO UPDATE SET
              payload = EXCLUDED.payload, properties = EXCLUDED.properties, stale_at = EXCLUDED.stale_at, gateways_before = EXCLUDED.gateways_before
            """,
            parameters => Bind(parameters, broadcast.Receipt)
                .With(message.Payload.ToArray()).With(message.Properties.ToArray()).WithNullable(Store(message.StaleAt)).With(BroadcastJson.Of(broadcast.Before)),
            static (_, _) => true));
    }

    /// <inheritdoc/>
    public async Task<BroadcastReceipt?> FindAsync(string productKey, long messageId) =>
        (await QueryAsync(
            productKey,
            $"SELECT {Columns} FROM broadcast WHERE message_id = $1 AND product_key = $2",
            parameters => parameters.With(messageId).With(productKey),
            Receipt)).FirstOrDefault();

    /// <inheritdoc/>
    public async Task<LastingBroadcast?> FindLastingAsync(string productKey, long messageId) =>
        (await QueryAsync(
            productKey,
            $"SELECT {Columns}, {MessageColumns} FROM broadcast JOIN broadcast_message USING (message_id) WHERE message_id = $1 AND product_key = $2",
            parameters => parameters.With(messageId).With(productKey),
            Lasting)).FirstOrDefault();

    /// <inheritdoc/>
    public Task<ImmutableArray<BroadcastReceipt>> ListAsync(string productKey, long? before, int size) =>
        QueryAsync(
            productKey,
            $"SELECT {Columns} FROM broadcast WHERE product_key = $1 AND message_id < $2 ORDER BY message_id DESC LIMIT $3",
            parameters => parameters.With(productKey).With(before ?? long.MaxValue).With(size),
            Receipt);

    /// <inheritdoc/>
    public Task<ImmutableArray<LastingBroadcast>> FindRunningAsync(string productKey) =>
        QueryAsync(
            productKey,
            $"SELECT {Columns}, {MessageColumns} FROM broadcast JOIN broadcast_message USING (message_id) WHERE product_key = $1 AND status = 1 ORDER BY message_id",
            parameters => parameters.With(productKey),
            Lasting);

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> FindRunningProductsAsync() =>
        database.ReadAsync(static connection => connection.QueryAsync(
            "SELECT DISTINCT product_key FROM broadcast WHERE status = 1", static _ => { }, static row => row.GetString(0)));

    /// <inheritdoc/>
    public Task NoteAsync(long messageId, ImmutableArray<DeviceNote> notes)
    {
        // The last word on a device counts, so that both statements can be of sets.
        var last = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var note in notes)
        {
            last[note.DeviceName] = note.HasAcknowledged;
        }

        string[] acknowledged = [.. last.Where(static note => note.Value).Select(static note => note.Key)];
        string[] unacknowledged = [.. last.Where(static note => !note.Value).Select(static note => note.Key)];
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.Of(notes),
            """
            WITH acknowledged AS (DELETE FROM broadcast_unacknowledged WHERE message_id = $1 AND device_name = ANY ($2))
            INSERT INTO broadcast_unacknowledged (message_id, device_name) SELECT $1, unnest($3::text[]) ON CONFLICT DO NOTHING
            """,
            parameters => parameters.With(messageId).With(acknowledged).With(unacknowledged),
            static (_, _) => true));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> ListUnacknowledgedAsync(long messageId, string? after, int size) =>
        database.ReadAsync(connection => connection.QueryAsync(
            "SELECT device_name FROM broadcast_unacknowledged WHERE message_id = $1 AND device_name > $2 ORDER BY device_name LIMIT $3",
            parameters => parameters.With(messageId).With(after ?? "").With(size),
            static row => row.GetString(0)));

    /// <inheritdoc/>
    public Task AddReachedAsync(long messageId, int part, ImmutableArray<ulong> hashes) =>
        database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.Of(hashes),
            "INSERT INTO broadcast_reached (message_id, part, devices) VALUES ($1, $2, $3)",
            parameters => parameters.With(messageId).With(part).With(StoreBytes.Of(hashes)),
            static (_, _) => true));

    /// <inheritdoc/>
    public async Task<ImmutableArray<ulong>> LoadReachedAsync(long messageId, int part) =>
        [.. (await database.ReadAsync(connection => connection.QueryAsync(
            "SELECT devices FROM broadcast_reached WHERE message_id = $1 AND part = $2",
            parameters => parameters.With(messageId).With(part),
            static row => StoreBytes.Numbers(row.GetFieldValue<byte[]>(0))))).SelectMany(static hashes => hashes)];

    /// <inheritdoc/>
    /// <remarks>Past the rows that another silo is deleting.</remarks>
    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) =>
        DeleteAsync("SELECT message_id FROM broadcast WHERE created_at < $1 AND status <> 1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED", StoreTime.ToStore(before), limit);

    /// <inheritdoc/>
    /// <remarks>Past the rows that another silo is deleting.</remarks>
    public Task<int> DeleteBeyondAsync(int kept, int limit) =>
        DeleteAsync(
            """
            SELECT message_id FROM broadcast
            JOIN (
              SELECT product_key, (SELECT message_id FROM broadcast AS kept WHERE kept.product_key = all_products.product_key ORDER BY message_id DESC LIMIT 1 OFFSET $1) AS newest_beyond
              FROM (SELECT DISTINCT product_key FROM broadcast) AS all_products) AS beyond USING (product_key)
            WHERE message_id <= newest_beyond AND status <> 1 LIMIT $2 FOR UPDATE OF broadcast SKIP LOCKED
            """,
            (long)kept,
            limit);

    private Task<int> DeleteAsync(string select, long first, int limit) =>
        database.ReadAsync(connection => connection.ExecuteAsync(
            $"""
            WITH old AS MATERIALIZED ({select}),
              names AS (DELETE FROM broadcast_unacknowledged USING old WHERE broadcast_unacknowledged.message_id = old.message_id),
              reached AS (DELETE FROM broadcast_reached USING old WHERE broadcast_reached.message_id = old.message_id),
              messages AS (DELETE FROM broadcast_message USING old WHERE broadcast_message.message_id = old.message_id)
            DELETE FROM broadcast USING old WHERE broadcast.message_id = old.message_id
            """,
            parameters => parameters.With(first).With(limit)));

    private async Task<ImmutableArray<T>> QueryAsync<T>(string productKey, string sql, Action<NpgsqlParameterCollection> bind, Func<NpgsqlDataReader, T> map) =>
        PostgresText.CanHold(productKey) ? await database.ReadAsync(connection => connection.QueryAsync(sql, bind, map)) : [];

    private static void Check(BroadcastReceipt receipt)
    {
        PostgresText.Checked(receipt.ProductKey);
        PostgresText.Checked(receipt.Topic ?? "");
        PostgresText.Checked(BroadcastJson.Of(receipt.Filter) ?? "");
    }

    private static NpgsqlParameterCollection Bind(NpgsqlParameterCollection parameters, BroadcastReceipt receipt)
    {
        var tally = receipt.Tally;
        return parameters
            .With(receipt.MessageId).With(receipt.ProductKey).WithNullable(receipt.Topic).With((short)receipt.QoS).With(receipt.PayloadBytes)
            .With(tally.Targeted).With(tally.Written).With(tally.Dropped).With(tally.Unknown)
            .With(tally.Waiting).With(tally.Acknowledged).With(tally.Late).With(tally.Retried)
            .With(StoreTime.ToStore(receipt.CreatedAt)).WithNullable(Store(receipt.CompletedAt))
            .With((short)receipt.Status).WithNullable(BroadcastJson.Of(receipt.Filter)).With(receipt.MaxRate).WithNullable(Store(receipt.ExpiresAt))
            .With(BroadcastJson.Of(receipt.Gateways));
    }

    private static long? Store(DateTimeOffset? time) => time is { } at ? StoreTime.ToStore(at) : null;

    private static BroadcastReceipt Receipt(NpgsqlDataReader row) => new(
        row.GetString(1),
        row.GetInt64(0),
        row.GetText(2),
        row.GetInt16(3),
        row.GetInt32(4),
        new BroadcastTally(row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11), row.GetInt64(12)),
        StoreTime.FromStore(row.GetInt64(13)),
        row.GetTime(14),
        (BroadcastStatus)row.GetInt16(15),
        BroadcastJson.Filter(row.GetText(16)),
        row.GetInt32(17),
        row.GetTime(18),
        BroadcastJson.Gateways(row.GetString(19)));

    private static LastingBroadcast Lasting(NpgsqlDataReader row) =>
        LastingBroadcast.Of(Receipt(row), row.GetFieldValue<byte[]>(20), row.GetFieldValue<byte[]>(21), row.GetTime(22), BroadcastJson.Gateways(row.GetString(23)));
}
