using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Data.Common;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Messages to devices, in SQLite.</summary>
public sealed class SqliteMessageStore : IMessageStore
{
    private const string Columns =
        "product_key, device_name, message_id, sequence, name, payload, topic, needs_subscription, qos, created_at, expires_at, "
        + "status, attempts, rounds, sent_at, finished_at, reason, resent_at, acknowledged_late_at";

    private readonly SqliteDatabase _database;

    // The devices that have open messages, so that a device without any costs no read. One process owns the file, so it can know.
    // The value counts the additions, so that a load that found none does not forget what was added meanwhile.
    private readonly ConcurrentDictionary<DeviceId, long> _devicesWithOpenMessages;

    /// <summary>Opens the store.</summary>
    public SqliteMessageStore(SqliteDatabase database)
    {
        _database = database;
        _devicesWithOpenMessages = database.Read(static commands =>
        {
            var devices = new ConcurrentDictionary<DeviceId, long>();
            using var rows = commands.Query("SELECT DISTINCT product_key, device_name FROM device_message WHERE status IN (1, 2)");
            while (rows.Read())
            {
                devices[new DeviceId(rows.GetString(0), rows.GetString(1))] = 1;
            }

            return devices;
        });
    }

    /// <inheritdoc/>
    public Task<bool> TryAppendAsync(DeviceMessage message)
    {
        _devicesWithOpenMessages.AddOrUpdate(message.Device, 1, static (_, additions) => additions + 1);
        return _database.WriteAsync(StoreWeight.Of(message), commands => Insert(commands, message));
    }

    /// <inheritdoc/>
    public Task UpdateAsync(DeviceId device, string messageId, MessageProgress progress) =>
        _database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "UPDATE device_message SET status = @p3, attempts = @p4, rounds = @p5, sent_at = @p6, finished_at = @p7, reason = @p8, resent_at = @p9 "
            + "WHERE product_key = @p0 AND device_name = @p1 AND message_id = @p2 AND finished_at IS NULL",
            device.ProductKey, device.DeviceName, messageId,
            (long)progress.Status, (long)progress.Attempts, (long)progress.Rounds,
            StoreTime.ToStore(progress.SentAt), StoreTime.ToStore(progress.FinishedAt), progress.Reason, StoreTime.ToStore(progress.ResentAt)));

    /// <inheritdoc/>
    public Task AcknowledgeLateAsync(DeviceId device, string messageId, DateTimeOffset at) =>
        _database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "UPDATE device_message SET acknowledged_late_at = @p3 "
            + "WHERE product_key = @p0 AND device_name = @p1 AND message_id = @p2 AND reason IS NOT NULL AND acknowledged_late_at IS NULL",
            device.ProductKey, device.DeviceName, messageId, StoreTime.ToStore(at)));

    /// <inheritdoc/>
    public async ValueTask<ImmutableArray<DeviceMessage>> LoadOpenAsync(DeviceId device)
    {
        if (!_devicesWithOpenMessages.TryGetValue(device, out var additions))
        {
            return [];
        }

        var open = await _database.ReadAsync(commands => Messages(commands.Query(
            $"SELECT {Columns} FROM device_message WHERE product_key = @p0 AND device_name = @p1 AND status IN (1, 2) ORDER BY sequence",
            device.ProductKey, device.DeviceName)));
        if (open.IsEmpty)
        {
            _devicesWithOpenMessages.TryRemove(new(device, additions));
        }

        return open;
    }

    /// <inheritdoc/>
    public Task<DeviceMessage?> FindAsync(DeviceId device, string messageId) =>
        _database.ReadAsync(commands => Messages(commands.Query(
            $"SELECT {Columns} FROM device_message WHERE product_key = @p0 AND device_name = @p1 AND message_id = @p2",
            device.ProductKey, device.DeviceName, messageId)).FirstOrDefault());

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceMessage>> ListAsync(DeviceId device, ListDeviceMessages page) =>
        _database.ReadAsync(commands => Messages(commands.Query(
            $"SELECT {Columns} FROM device_message WHERE product_key = @p0 AND device_name = @p1 AND sequence < @p2 "
            + "AND (@p3 = 0 OR status = @p3) ORDER BY sequence DESC LIMIT @p4",
            device.ProductKey, device.DeviceName, page.BeforeSequence ?? long.MaxValue, (long)(page.Status ?? 0), (long)page.PageSize), IMessageStore.PageBytesMax));

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceMessage>> ListProductAsync(string productKey, ListProductMessages page) =>
        _database.ReadAsync(commands => Messages(commands.Query(
            $"SELECT {Columns} FROM device_message WHERE product_key = @p0 AND (device_name, sequence) > (@p1, @p2) {MessageStatusFilter.Of(page.Status)} "
            + "ORDER BY device_name, sequence LIMIT @p3",
            productKey, page.After?.DeviceName ?? "", page.After?.Sequence ?? 0, (long)page.PageSize), IMessageStore.PageBytesMax));

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceId>> FindExpiredAsync(DateTimeOffset now, int limit) =>
        _database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                "SELECT DISTINCT product_key, device_name FROM device_message WHERE status IN (1, 2) AND expires_at <= @p0 LIMIT @p1",
                StoreTime.ToStore(now), (long)limit),
            static row => new DeviceId(row.GetString(0), row.GetString(1))));

    /// <inheritdoc/>
    public Task<int> DeleteFinishedAsync(DateTimeOffset before, int limit) =>
        _database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "DELETE FROM device_message WHERE rowid IN (SELECT rowid FROM device_message WHERE finished_at < @p0 LIMIT @p1)",
            StoreTime.ToStore(before), (long)limit));

    private static bool Insert(PreparedCommands commands, DeviceMessage message) =>
        commands.Execute(
            $"INSERT INTO device_message ({Columns}) "
            + "VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16, @p17, @p18) "
            + "ON CONFLICT (product_key, device_name, message_id) DO NOTHING",
            message.Device.ProductKey, message.Device.DeviceName, message.MessageId, message.Sequence, message.Name,
            message.Payload.ToStored(), message.Topic, message.NeedsSubscription, (long)message.QoS,
            StoreTime.ToStore(message.CreatedAt), StoreTime.ToStore(message.ExpiresAt),
            (long)message.Progress.Status, (long)message.Progress.Attempts, (long)message.Progress.Rounds,
            StoreTime.ToStore(message.Progress.SentAt), StoreTime.ToStore(message.Progress.FinishedAt), message.Progress.Reason,
            StoreTime.ToStore(message.Progress.ResentAt), StoreTime.ToStore(message.Progress.AcknowledgedLateAt)) == 1;

    private static ImmutableArray<DeviceMessage> Messages(DbDataReader rows, long bytesMax = long.MaxValue)
    {
        using (rows)
        {
            var messages = ImmutableArray.CreateBuilder<DeviceMessage>();
            var bytes = 0L;
            while (bytes < bytesMax && rows.Read())
            {
                var message = Message(rows);
                messages.Add(message);
                bytes += message.Payload.Length;
            }

            return messages.ToImmutable();
        }
    }

    private static DeviceMessage Message(DbDataReader row) => new(
        new DeviceId(row.GetString(0), row.GetString(1)),
        row.GetString(2),
        row.GetInt64(3),
        row.GetString(4),
        row.GetFieldValue<byte[]>(5),
        row.GetString(6),
        row.GetBoolean(7),
        row.GetInt32(8),
        StoreTime.FromStore(row.GetInt64(9)),
        StoreTime.FromStore(row.GetInt64(10)),
        new MessageProgress(
            (MessageStatus)row.GetInt32(11),
            row.GetInt32(12),
            row.GetInt32(13),
            row.GetTime(14),
            row.GetTime(15),
            row.GetText(16),
            row.IsDBNull(17) ? default : StoreTime.TimesFromStore(row.GetFieldValue<byte[]>(17)),
            row.GetTime(18)));
}
