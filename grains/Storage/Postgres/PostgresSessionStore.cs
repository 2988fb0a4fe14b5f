using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Sessions;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Sessions, in PostgreSQL.</summary>
public sealed class PostgresSessionStore : ISessionStore
{
    private const string Columns =
        "shard, product_key, device_name, expiry, messages_max, bytes_max, drops_oldest, offline_since, subscriptions, received, will, will_due_at";

    private const string OfDevice = "shard = $1 AND product_key = $2 AND device_name = $3";

    private readonly PostgresDatabase _database;
    private readonly UnwrittenAppends _unwritten = new();
    private readonly CoalescingReader<(int Shard, DeviceId Device), ImmutableArray<(long Sequence, StoredCopy Copy)>> _messages;

    /// <summary>Reads and writes in <paramref name="database"/>.</summary>
    public PostgresSessionStore(PostgresDatabase database)
    {
        _database = database;
        _messages = new(database, "session_messages", QueryMessagesAsync);
    }

    /// <inheritdoc/>
    public Task SaveAsync(int shard, SessionRecord session)
    {
        PostgresText.Checked(session.Device.ProductKey);
        PostgresText.Checked(session.Device.DeviceName);
        return WriteAsync(
            StoreWeight.Of(session),
            $"""
            INSERT INTO session ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (shard, product_key, device_name) DO UPDATE SET
              expiry = EXCLUDED.expiry, messages_max = EXCLUDED.messages_max, bytes_max = EXCLUDED.bytes_max, drops_oldest = EXCLUDED.drops_oldest,
              offline_since = EXCLUDED.offline_since, subscriptions = EXCLUDED.subscriptions, received = EXCLUDED.received,
              will = EXCLUDED.will, will_due_at = EXCLUDED.will_due_at
            """,
            parameters => Of(parameters, shard, session.Device)
                .With(StoreTime.ToStore(session.Expiry)).With(session.Bounds.MessagesMax).With(session.Bounds.BytesMax).With(session.Bounds.DropsOldest)
                .WithNullable(session.OfflineSince is { } since ? StoreTime.ToStore(since) : null)
                .With(SessionJson.Of(session.Subscriptions)).With(SessionJson.Of(session.Received))
                .WithNullable(SessionJson.Of(session.Will)).WithNullable(session.WillDueAt is { } due ? StoreTime.ToStore(due) : null));
    }

    /// <inheritdoc/>
    public Task SaveReceivedAsync(int shard, DeviceId device, ImmutableArray<ReceivedMessage> received) =>
        WriteAsync(
            StoreWeight.OfSmall, $"UPDATE session SET received = $4 WHERE {OfDevice}", parameters => Of(parameters, shard, device).With(SessionJson.Of(received)));

    /// <inheritdoc/>
    public Task DeleteAsync(int shard, DeviceId device) => _database.WriteAsync(new PostgresSessionDelete(shard, device));

    /// <inheritdoc/>
    public Task AppendAsync(int shard, DeviceId device, long sequence, StoredCopy copy) =>
        _database.WriteAsync(new PostgresSessionAppend(_unwritten, shard, device, sequence, copy));

    /// <inheritdoc/>
    public Task ReleaseAsync(int shard, DeviceId device, long sequence) =>
        WriteAsync(
            StoreWeight.OfSmall,
            $"UPDATE session_message SET is_released = true WHERE {OfDevice} AND sequence = $4",
            parameters => Of(parameters, shard, device).With(sequence));

    /// <inheritdoc/>
    public Task RemoveAsync(int shard, DeviceId device, long sequence) =>
        _unwritten.TryCancel(device, sequence)
            ? Task.CompletedTask
            : _database.WriteAsync(new PostgresSessionRemoval(shard, device, sequence));

    /// <inheritdoc/>
    public Task<ImmutableArray<SessionRecord>> LoadAsync(int shard) =>
        _database.ReadAsync(connection => connection.QueryAsync(
            $"SELECT {Columns} FROM session WHERE shard = $1",
            parameters => parameters.With(shard),
            static row => new SessionRecord(
                new DeviceId(row.GetString(1), row.GetString(2)),
                StoreTime.SpanFromStore(row.GetInt64(3)),
                new SessionBounds(row.GetInt32(4), row.GetInt64(5), row.GetBoolean(6)),
                row.GetTime(7),
                SessionJson.Subscriptions(row.GetString(8)),
                SessionJson.Received(row.GetString(9)),
                SessionJson.Will(row.GetText(10)),
                row.GetTime(11))));

    /// <inheritdoc/>
    public Task<ImmutableArray<(DeviceId Device, long Sequence, QueuedHead Head)>> LoadHeadsAsync(int shard) =>
        _database.ReadAsync(connection => connection.QueryAsync(
            """
            SELECT product_key, device_name, sequence, qos, length(topic) + length(payload) + length(properties), publish_id, expires_at, is_released
            FROM session_message WHERE shard = $1 ORDER BY product_key, device_name, sequence
            """,
            parameters => parameters.With(shard),
            static row => (
                new DeviceId(row.GetString(0), row.GetString(1)),
                row.GetInt64(2),
                new QueuedHead(row.GetInt16(3), row.GetInt32(4), row.GetInt64(5), row.GetTime(6), row.GetBoolean(7), MayHaveBeenSent: true))));

    /// <inheritdoc/>
    public Task<ImmutableArray<(long Sequence, StoredCopy Copy)>> LoadMessagesAsync(int shard, DeviceId device) => _messages.ReadAsync((shard, device));

    private static async Task<ImmutableArray<(long Sequence, StoredCopy Copy)>[]> QueryMessagesAsync(
        NpgsqlConnection connection, (int Shard, DeviceId Device)[] keys)
    {
        var found = keys.Distinct().ToDictionary(static key => key, static _ => ImmutableArray.CreateBuilder<(long, StoredCopy)>());
        var rows = await connection.QueryAsync(
            """
            SELECT m.shard, m.product_key, m.device_name, m.sequence, m.topic, m.payload, m.properties, m.qos, m.is_retain, m.identifiers, m.share,
              m.publish_id, m.expires_at
            FROM unnest($1::integer[], $2::text[], $3::text[]) AS k (shard, product_key, device_name)
            JOIN session_message m ON m.shard = k.shard AND m.product_key = k.product_key AND m.device_name = k.device_name
            """,
            parameters => parameters
                .With(found.Keys.Select(static key => key.Shard).ToArray())
                .With(found.Keys.Select(static key => key.Device.ProductKey).ToArray())
                .With(found.Keys.Select(static key => key.Device.DeviceName).ToArray()),
            static row => (Key: (row.GetInt32(0), new DeviceId(row.GetString(1), row.GetString(2))), Sequence: row.GetInt64(3), Copy: Copy(row)));
        foreach (var (key, sequence, copy) in rows)
        {
            found[key].Add((sequence, copy));
        }

        return [.. keys.Select(key => found[key].ToImmutable())];
    }

    private static StoredCopy Copy(NpgsqlDataReader row) => new(
        new SessionMessage(
            row.GetFieldValue<byte[]>(4), row.GetFieldValue<byte[]>(5), row.GetFieldValue<byte[]>(6), row.GetInt16(7), row.GetBoolean(8), row.GetInt64(11),
            row.GetTime(12)),
        row.GetInt16(7),
        row.GetBoolean(8),
        row.GetFieldValue<byte[]>(9),
        row.GetText(10));

    private static NpgsqlParameterCollection Of(NpgsqlParameterCollection parameters, int shard, DeviceId device) =>
        parameters.With(shard).With(device.ProductKey).With(device.DeviceName);

    private Task<bool> WriteAsync(long weight, string sql, Action<NpgsqlParameterCollection> bind) =>
        _database.WriteAsync(new StatementWrite<bool>(weight, sql, bind, static (_, _) => true));
}
