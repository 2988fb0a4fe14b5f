using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Sessions;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Sessions, in SQLite.</summary>
public sealed class SqliteSessionStore(SqliteDatabase database) : ISessionStore
{
    internal const string MessageColumns =
        "shard, product_key, device_name, sequence, topic, payload, properties, qos, is_retain, identifiers, share, publish_id, expires_at, is_released";

    private const string Columns =
        "shard, product_key, device_name, expiry, messages_max, bytes_max, drops_oldest, offline_since, subscriptions, received, will, will_due_at";

    private const string OfDevice = "shard = @p0 AND product_key = @p1 AND device_name = @p2";

    private readonly UnwrittenAppends _unwritten = new();

    /// <inheritdoc/>
    public Task SaveAsync(int shard, SessionRecord session) =>
        database.WriteAsync(StoreWeight.Of(session), commands => commands.Execute(
            $"INSERT OR REPLACE INTO session ({Columns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11)",
            (long)shard, session.Device.ProductKey, session.Device.DeviceName, StoreTime.ToStore(session.Expiry), (long)session.Bounds.MessagesMax,
            session.Bounds.BytesMax, session.Bounds.DropsOldest, StoreTime.ToStore(session.OfflineSince), SessionJson.Of(session.Subscriptions),
            SessionJson.Of(session.Received), SessionJson.Of(session.Will), StoreTime.ToStore(session.WillDueAt)));

    /// <inheritdoc/>
    public Task SaveReceivedAsync(int shard, DeviceId device, ImmutableArray<ReceivedMessage> received) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            $"UPDATE session SET received = @p3 WHERE {OfDevice}", (long)shard, device.ProductKey, device.DeviceName, SessionJson.Of(received)));

    /// <inheritdoc/>
    public Task DeleteAsync(int shard, DeviceId device) =>
        database.WriteAsync(StoreWeight.OfSmall, commands =>
            commands.Execute($"DELETE FROM session_message WHERE {OfDevice}", (long)shard, device.ProductKey, device.DeviceName)
            + commands.Execute($"DELETE FROM session WHERE {OfDevice}", (long)shard, device.ProductKey, device.DeviceName));

    /// <inheritdoc/>
    public Task AppendAsync(int shard, DeviceId device, long sequence, StoredCopy copy)
    {
        var write = new SqliteSessionAppend(_unwritten, shard, device, sequence, copy);
        database.Write(write);
        return write.Task;
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(int shard, DeviceId device, long sequence) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            $"UPDATE session_message SET is_released = 1 WHERE {OfDevice} AND sequence = @p3", (long)shard, device.ProductKey, device.DeviceName, sequence));

    /// <inheritdoc/>
    public Task RemoveAsync(int shard, DeviceId device, long sequence) =>
        _unwritten.TryCancel(device, sequence)
            ? Task.CompletedTask
            : database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
                $"DELETE FROM session_message WHERE {OfDevice} AND sequence = @p3", (long)shard, device.ProductKey, device.DeviceName, sequence));

    /// <inheritdoc/>
    public Task<ImmutableArray<SessionRecord>> LoadAsync(int shard) =>
        database.ReadAsync(commands => SqliteRows.All(commands.Query($"SELECT {Columns} FROM session WHERE shard = @p0", (long)shard), static row => new SessionRecord(
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
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                "SELECT product_key, device_name, sequence, qos, length(topic) + length(payload) + length(properties), publish_id, expires_at, is_released "
                + "FROM session_message WHERE shard = @p0 ORDER BY product_key, device_name, sequence",
                (long)shard),
            static row => (
                new DeviceId(row.GetString(0), row.GetString(1)),
                row.GetInt64(2),
                new QueuedHead(
                    row.GetInt32(3), row.GetInt32(4), row.GetInt64(5), row.GetTime(6), row.GetBoolean(7),
                    MayHaveBeenSent: true))));

    /// <inheritdoc/>
    public Task<ImmutableArray<(long Sequence, StoredCopy Copy)>> LoadMessagesAsync(int shard, DeviceId device) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query($"SELECT {MessageColumns} FROM session_message WHERE {OfDevice}", (long)shard, device.ProductKey, device.DeviceName),
            static row => (
                row.GetInt64(3),
                new StoredCopy(
                    new SessionMessage(
                        row.GetFieldValue<byte[]>(4), row.GetFieldValue<byte[]>(5), row.GetFieldValue<byte[]>(6), row.GetInt32(7), row.GetBoolean(8),
                        row.GetInt64(11), row.GetTime(12)),
                    row.GetInt32(7),
                    row.GetBoolean(8),
                    row.GetFieldValue<byte[]>(9),
                    row.GetText(10)))));
}
