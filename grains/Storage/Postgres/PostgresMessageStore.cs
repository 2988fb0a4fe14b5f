using System.Collections.Immutable;
using IotPlatform.Devices;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Messages to devices, in PostgreSQL.</summary>
public sealed class PostgresMessageStore : IMessageStore
{
    private const string Columns =
        "m.product_key, m.device_name, m.message_id, m.sequence, m.name, m.payload, m.topic, m.needs_subscription, m.qos, m.created_at, m.expires_at, "
        + "m.status, m.attempts, m.rounds, m.sent_at, m.finished_at, m.reason, m.resent_at, m.acknowledged_late_at";

    private const int ColumnCount = 19;

    // An id that a caller gave goes before one that is a sequence.
    private const string SequenceOfSql =
        """
        SELECT f.sequence FROM (
          SELECT o.sequence FROM device_message AS o
          WHERE o.device_key = $1 AND o.message_id = $4 AND o.has_own_id AND o.product_key = $2 AND o.device_name = $3
          UNION ALL
          SELECT o.sequence FROM device_message AS o
          WHERE o.device_key = $1 AND o.sequence = $5 AND NOT o.has_own_id AND o.product_key = $2 AND o.device_name = $3) AS f LIMIT 1
        """;

    private readonly PostgresDatabase _database;
    private readonly UnwrittenMessages _unwritten = new();
    private readonly CoalescingReader<DeviceId, ImmutableArray<DeviceMessage>> _openMessages;

    /// <summary>Stores in <paramref name="database"/>.</summary>
    public PostgresMessageStore(PostgresDatabase database)
    {
        _database = database;
        _openMessages = new CoalescingReader<DeviceId, ImmutableArray<DeviceMessage>>(database, "open-messages", LoadOpenAsync);
    }

    /// <inheritdoc/>
    public bool IsAway => _database.IsAway;

    /// <inheritdoc/>
    public bool IsBehind => _database.IsBehind;

    /// <inheritdoc/>
    public Task<bool> TryAppendAsync(DeviceMessage message) => _unwritten.WriteAsync(message, unwritten => _database.WriteAsync(new MessageAppend(unwritten)));

    /// <inheritdoc/>
    public Task UpdateAsync(MessageChange change) => TryUpdateWithAppend(change) ?? _database.WriteAsync(new MessageUpdate(change));

    /// <inheritdoc/>
    public Task? TryUpdateWithAppend(MessageChange change) => _unwritten.TryGoOn(change);

    /// <inheritdoc/>
    public Task AcknowledgeLateAsync(DeviceId device, string messageId, DateTimeOffset at)
    {
        PostgresText.Checked(device.ProductKey);
        PostgresText.Checked(device.DeviceName);
        PostgresText.Checked(messageId);
        return _database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.OfSmall,
            $"""
            UPDATE device_message SET acknowledged_late_at = $6
            WHERE device_key = $1 AND sequence = ({SequenceOfSql}) AND reason IS NOT NULL AND acknowledged_late_at IS NULL
            """,
            parameters => With(parameters, device, messageId).With(StoreTime.ToStore(at)),
            static (_, _) => true));
    }

    /// <inheritdoc/>
    /// <remarks>Other processes write messages too, so it is read even for a device that has none; many devices share a query.</remarks>
    public ValueTask<ImmutableArray<DeviceMessage>> LoadOpenAsync(DeviceId device) =>
        CanBeStored(device) ? new ValueTask<ImmutableArray<DeviceMessage>>(_openMessages.ReadAsync(device)) : ValueTask.FromResult<ImmutableArray<DeviceMessage>>([]);

    /// <inheritdoc/>
    public async Task<DeviceMessage?> FindAsync(DeviceId device, string messageId)
    {
        if (!CanBeStored(device) || !PostgresText.CanHold(messageId))
        {
            return null;
        }

        var found = await _database.ReadAsync(connection => connection.QueryAsync(
            $"SELECT {Columns} FROM device_message AS m WHERE m.device_key = $1 AND m.sequence = ({SequenceOfSql})",
            parameters => With(parameters, device, messageId),
            static row => Message(row)));
        return found.FirstOrDefault();
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<DeviceMessage>> ListAsync(DeviceId device, ListDeviceMessages page)
    {
        if (!CanBeStored(device))
        {
            return [];
        }

        // The server ends the page: a reader that stops early still has to take everything that was sent to it.
        return await _database.ReadAsync(connection => connection.QueryAsync(
            $"""
            SELECT {Columns} FROM (
              SELECT *, sum(octet_length(payload)) OVER (ORDER BY sequence DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
              FROM device_message
              WHERE device_key = $1 AND product_key = $2 AND device_name = $3 AND sequence < $4 AND ($5 = 0 OR status = $5)
              ORDER BY sequence DESC LIMIT $6) AS m
            WHERE m.bytes_before IS NULL OR m.bytes_before < $7
            ORDER BY m.sequence DESC
            """,
            parameters => parameters
                .With(DeviceKey.Of(device)).With(device.ProductKey).With(device.DeviceName).With(page.BeforeSequence ?? long.MaxValue).With((int)(page.Status ?? 0)).With(page.PageSize)
                .With((long)IMessageStore.PageBytesMax),
            Message));
    }

    /// <inheritdoc/>
    /// <remarks>Devices in the order of their keys: it is everywhere the same, and means nothing.</remarks>
    public async Task<ImmutableArray<DeviceMessage>> ListProductAsync(string productKey, ListProductMessages page)
    {
        if (!PostgresText.CanHold(productKey))
        {
            return [];
        }

        var (afterKey, afterSequence) = page.After is { } after ? (DeviceKey.Of(new DeviceId(productKey, after.DeviceName)), after.Sequence) : (DeviceKey.FirstOf(productKey), 0);
        return await _database.ReadAsync(connection => connection.QueryAsync(
            $"""
            SELECT {Columns} FROM (
              SELECT *, sum(octet_length(payload)) OVER (ORDER BY device_key, sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
              FROM (
                SELECT * FROM device_message
                WHERE (device_key, sequence) > ($1, $2) AND device_key <= $3 AND product_key = $4 {MessageStatusFilter.Of(page.Status)}
                ORDER BY device_key, sequence LIMIT $5) AS p) AS m
            WHERE m.bytes_before IS NULL OR m.bytes_before < $6
            ORDER BY m.device_key, m.sequence
            """,
            parameters => parameters
                .With(afterKey).With(afterSequence).With(DeviceKey.LastOf(productKey)).With(productKey).With(page.PageSize).With((long)IMessageStore.PageBytesMax),
            Message));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceId>> FindExpiredAsync(DateTimeOffset now, int limit) =>
        _database.ReadAsync(connection => connection.QueryAsync(
            "SELECT DISTINCT product_key, device_name FROM device_message WHERE finished_at IS NULL AND expires_at <= $1 LIMIT $2",
            parameters => parameters.With(StoreTime.ToStore(now)).With(limit),
            static row => new DeviceId(row.GetString(0), row.GetString(1))));

    /// <inheritdoc/>
    /// <remarks>Beside the batches, whose writes it would hold up, and past the rows that another silo is deleting.</remarks>
    public Task<int> DeleteFinishedAsync(DateTimeOffset before, int limit) =>
        _database.ReadAsync(connection => connection.ExecuteAsync(
            """
            DELETE FROM device_message WHERE ctid = ANY (ARRAY (
              SELECT ctid FROM device_message WHERE finished_at < $1 ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED))
            """,
            parameters => parameters.With(StoreTime.ToStore(before)).With(limit)));

    private static NpgsqlParameterCollection With(NpgsqlParameterCollection parameters, DeviceId device, string messageId) =>
        parameters.With(DeviceKey.Of(device)).With(device.ProductKey).With(device.DeviceName).With(messageId).With(OwnId.SequenceNamed(messageId));

    private static bool CanBeStored(DeviceId device) => PostgresText.CanHold(device.ProductKey) && PostgresText.CanHold(device.DeviceName);

    private static async Task<ImmutableArray<DeviceMessage>[]> LoadOpenAsync(NpgsqlConnection connection, DeviceId[] devices)
    {
        // Device by device, each by the index: what is found needs no sorting together with its payloads.
        await using var command = connection.CreateCommand(
            $"""
            SELECT {Columns}, k.number
            FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY AS k (device_key, product_key, device_name, number)
            CROSS JOIN LATERAL (
              SELECT * FROM device_message AS o
              WHERE o.device_key = k.device_key AND o.finished_at IS NULL AND o.product_key = k.product_key AND o.device_name = k.device_name
              ORDER BY o.sequence OFFSET 0
            ) AS m
            """,
            parameters => parameters
                .With(Array.ConvertAll(devices, DeviceKey.Of))
                .With(Array.ConvertAll(devices, static device => device.ProductKey))
                .With(Array.ConvertAll(devices, static device => device.DeviceName)));
        await using var rows = await command.ExecuteReaderAsync();
        var found = new ImmutableArray<DeviceMessage>.Builder?[devices.Length];
        while (await rows.ReadAsync())
        {
            var messages = found[rows.GetInt64(ColumnCount) - 1] ??= ImmutableArray.CreateBuilder<DeviceMessage>();
            messages.Add(Message(rows));
        }

        return Array.ConvertAll(found, static messages => messages?.ToImmutable() ?? []);
    }

    private static DeviceMessage Message(NpgsqlDataReader row) => new(
        new DeviceId(row.GetString(0), row.GetString(1)),
        row.GetString(2),
        row.GetInt64(3),
        row.GetString(4),
        row.GetFieldValue<byte[]>(5),
        row.GetString(6),
        row.GetBoolean(7),
        row.GetInt16(8),
        StoreTime.FromStore(row.GetInt64(9)),
        StoreTime.FromStore(row.GetInt64(10)),
        new MessageProgress(
            (MessageStatus)row.GetInt16(11),
            row.GetInt32(12),
            row.GetInt32(13),
            row.GetTime(14),
            row.GetTime(15),
            row.GetText(16),
            row.IsDBNull(17) ? default : StoreTime.TimesFromStore(row.GetFieldValue<byte[]>(17)),
            row.GetTime(18)));
}
