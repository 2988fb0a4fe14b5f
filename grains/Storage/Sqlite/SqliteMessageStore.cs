using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// Messages to devices, in SQLite. What is open is found through <see cref="OpenRows"/>, what has ended through indexes: a new message is written behind the last one, and
/// no page is written for its device.
/// </summary>
public sealed class SqliteMessageStore : IMessageStore
{
    private const string Columns =
        "product_key, device_name, message_id, sequence, name, payload, topic, needs_subscription, qos, created_at, expires_at, "
        + "status, attempts, rounds, sent_at, finished_at, reason, resent_at, acknowledged_late_at";

    private const string InsertSql =
        $"INSERT INTO device_message (place, has_own_id, {Columns}) "
        + "VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16, @p17, @p18, @p19, @p20)";

    private const string UpdateSql =
        "UPDATE device_message SET status = @p1, attempts = @p2, rounds = @p3, sent_at = @p4, finished_at = @p5, reason = @p6, resent_at = @p7 "
        + "WHERE place = @p0 AND finished_at IS NULL";

    private const string FindEndedByOwnIdSql =
        "SELECT place FROM device_message WHERE product_key = @p0 AND device_name = @p1 AND message_id = @p2 AND has_own_id = 1 AND finished_at IS NOT NULL";

    private readonly SqliteDatabase _database;
    private readonly OpenRows _open = new();
    private readonly UnwrittenMessages _unwritten;

    /// <summary>The last row that was given out; only the writer asks for more.</summary>
    private long _lastPlace;

    /// <summary>Opens the store, and reads which rows are open.</summary>
    public SqliteMessageStore(SqliteDatabase database)
    {
        _database = database;
        _unwritten = new UnwrittenMessages(message => _open.Written(message.Device, message.Sequence));
        _lastPlace = database.Read(commands =>
        {
            LoadOpenRows(commands);
            return commands.Prepare("SELECT coalesce(max(place), 0) FROM device_message", 0).FindInteger()!.Value;
        });
    }

    /// <inheritdoc/>
    public bool IsAway => _database.IsAway;

    /// <inheritdoc/>
    public bool IsBehind => _database.IsBehind;

    /// <inheritdoc/>
    public Task<bool> TryAppendAsync(DeviceMessage message) =>
        _unwritten.WriteAsync(message, unwritten => _database.WriteAsync(StoreWeight.Of(message), commands => TryInsert(commands, unwritten)));

    /// <inheritdoc/>
    public async Task UpdateAsync(MessageChange change)
    {
        if (TryUpdateWithAppend(change) is { } appended)
        {
            await appended.ConfigureAwait(false);
            return;
        }

        var isThere = await _database.WriteAsync(StoreWeight.OfSmall, commands => TryUpdate(commands, change)).ConfigureAwait(false);
        if (isThere && change.Progress.IsFinal)
        {
            _open.Remove(change.Device, change.Sequence);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A message that has ended when it is written is never among the open rows.</remarks>
    public Task? TryUpdateWithAppend(MessageChange change) => _unwritten.TryGoOn(change);

    /// <inheritdoc/>
    public Task AcknowledgeLateAsync(DeviceId device, string messageId, DateTimeOffset at) =>
        _database.WriteAsync(StoreWeight.OfSmall, commands => FindPlace(commands, device, messageId) is { } place
            && commands.Execute(
                "UPDATE device_message SET acknowledged_late_at = @p1 WHERE place = @p0 AND reason IS NOT NULL AND acknowledged_late_at IS NULL",
                place, StoreTime.ToStore(at)) == 1);

    /// <inheritdoc/>
    public async ValueTask<ImmutableArray<DeviceMessage>> LoadOpenAsync(DeviceId device)
    {
        var rows = _open.Of(device);
        if (rows.IsEmpty)
        {
            return [];
        }

        var messages = await _database.ReadAsync(commands => rows.Select(row => ByPlace(commands, row.Place)).ToArray()).ConfigureAwait(false);
        var open = ImmutableArray.CreateBuilder<DeviceMessage>(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            if (messages[i] is { Progress.IsFinal: false } message)
            {
                open.Add(message);
            }
            else if (rows[i].IsWritten)
            {
                // Its write, or that of its end, failed, as far as anybody was told.
                _open.Remove(device, rows[i].Sequence);
            }
        }

        return open.DrainToImmutable();
    }

    /// <inheritdoc/>
    public Task<DeviceMessage?> FindAsync(DeviceId device, string messageId) =>
        _database.ReadAsync(commands => FindPlace(commands, device, messageId) is { } place ? ByPlace(commands, place) : null);

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceMessage>> ListAsync(DeviceId device, ListDeviceMessages page)
    {
        var before = page.BeforeSequence ?? long.MaxValue;

        // Before the others are: one that ends meanwhile is in both.
        var open = _open.Of(device).Where(row => row.Sequence < before).Reverse();
        return _database.ReadAsync(commands => Page(
            Merge(
                open.Select(row => ByPlace(commands, row.Place)),
                Ended(commands.Query(
                    $"SELECT {Columns} FROM device_message WHERE product_key = @p0 AND device_name = @p1 AND sequence < @p2 AND finished_at IS NOT NULL "
                    + "AND (@p3 = 0 OR status = @p3) ORDER BY sequence DESC LIMIT @p4",
                    device.ProductKey, device.DeviceName, before, (long)(page.Status ?? 0), (long)page.PageSize)),
                static (a, b) => b.Sequence.CompareTo(a.Sequence)),
            page.Status,
            page.PageSize));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceMessage>> ListProductAsync(string productKey, ListProductMessages page)
    {
        var after = page.After ?? new MessagePlace("", 0);
        IEnumerable<DeviceId> devices = page.Status is null or MessageStatus.Pending or MessageStatus.Sent
            ? _open.DevicesOf(productKey, after.DeviceName).OrderBy(static device => device.DeviceName, StringComparer.Ordinal)
            : [];

        // Before the others are: one that ends meanwhile is in both.
        long[] open = [.. devices
            .SelectMany(device => _open.Of(device).Where(row => device.DeviceName != after.DeviceName || row.Sequence > after.Sequence))
            .Select(static row => row.Place)];
        return _database.ReadAsync(commands => Page(
            Merge(
                open.Select(place => ByPlace(commands, place)),
                page.Status is MessageStatus.Pending or MessageStatus.Sent ? [] : Ended(commands.Query(
                    $"SELECT {Columns} FROM device_message WHERE product_key = @p0 AND (device_name, sequence) > (@p1, @p2) AND finished_at IS NOT NULL "
                    + $"{MessageStatusFilter.Of(page.Status)} ORDER BY device_name, sequence LIMIT @p3",
                    productKey, after.DeviceName, after.Sequence, (long)page.PageSize)),
                static (a, b) => (string.CompareOrdinal(a.Device.DeviceName, b.Device.DeviceName), a.Sequence.CompareTo(b.Sequence)) switch
                {
                    (0, var bySequence) => bySequence,
                    (var byName, _) => byName,
                }),
            page.Status,
            page.PageSize));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<DeviceId>> FindExpiredAsync(DateTimeOffset now, int limit) =>
        _database.ReadAsync(commands => SqliteRows.All(
            commands.Query(
                "SELECT DISTINCT product_key, device_name FROM device_message WHERE finished_at IS NULL AND expires_at <= @p0 LIMIT @p1",
                StoreTime.ToStore(now), (long)limit),
            static row => new DeviceId(row.GetString(0), row.GetString(1))));

    /// <inheritdoc/>
    public Task<int> DeleteFinishedAsync(DateTimeOffset before, int limit) =>
        _database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "DELETE FROM device_message WHERE place IN (SELECT place FROM device_message WHERE finished_at < @p0 LIMIT @p1)",
            StoreTime.ToStore(before), (long)limit));

    private static bool HasOwnId(DeviceMessage message) => SequenceOf(message.MessageId) != message.Sequence;

    // A message's id is its sequence where its caller gave it none. 0 for what is no sequence.
    private static long SequenceOf(string messageId) =>
        long.TryParse(messageId, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && messageId[0] != '0' ? sequence : 0;

    private static DeviceMessage? ByPlace(PreparedCommands commands, long place)
    {
        using var rows = commands.Query($"SELECT {Columns} FROM device_message WHERE place = @p0", place);
        return rows.Read() ? Message(rows) : null;
    }

    private static long? FindEndedByOwnId(PreparedCommands commands, DeviceId device, string messageId) =>
        commands.Prepare(FindEndedByOwnIdSql, 3).Bind(device.ProductKey).Bind(device.DeviceName).Bind(messageId).FindInteger();

    /// <summary>Both in one order, and what is in both once; what is null is not there.</summary>
    private static IEnumerable<DeviceMessage> Merge(IEnumerable<DeviceMessage?> open, IEnumerable<DeviceMessage> ended, Comparison<DeviceMessage> comparison)
    {
        using var others = ended.GetEnumerator();
        var other = others.MoveNext() ? others.Current : null;
        foreach (var message in open)
        {
            if (message is null)
            {
                continue;
            }

            while (other is not null && comparison(other, message) < 0)
            {
                yield return other;
                other = others.MoveNext() ? others.Current : null;
            }

            if (other is not null && comparison(other, message) == 0)
            {
                other = others.MoveNext() ? others.Current : null;
            }

            yield return message;
        }

        while (other is not null)
        {
            yield return other;
            other = others.MoveNext() ? others.Current : null;
        }
    }

    private static ImmutableArray<DeviceMessage> Page(IEnumerable<DeviceMessage> found, MessageStatus? status, int size)
    {
        var page = ImmutableArray.CreateBuilder<DeviceMessage>();
        var bytes = 0L;
        foreach (var message in found)
        {
            if (status is not null && message.Progress.Status != status)
            {
                continue;
            }

            page.Add(message);
            bytes += message.Payload.Length;
            if (page.Count == size || bytes >= IMessageStore.PageBytesMax)
            {
                break;
            }
        }

        return page.DrainToImmutable();
    }

    // Read as far as the page needs.
    private static IEnumerable<DeviceMessage> Ended(DbDataReader rows)
    {
        using (rows)
        {
            while (rows.Read())
            {
                yield return Message(rows);
            }
        }
    }

    private void LoadOpenRows(PreparedCommands commands)
    {
        // Few keys for many devices.
        var productKeys = new Dictionary<string, string>(StringComparer.Ordinal);
        using var rows = commands.Query("SELECT product_key, device_name, sequence, place FROM device_message INDEXED BY device_message_open WHERE finished_at IS NULL");
        while (rows.Read())
        {
            var productKey = rows.GetString(0);
            if (!productKeys.TryAdd(productKey, productKey))
            {
                productKey = productKeys[productKey];
            }

            _open.Add(new DeviceId(productKey, rows.GetString(1)), new OpenRow(rows.GetInt64(2), rows.GetInt64(3), OpenRow.Unknown, IsWritten: true));
        }
    }

    private long? FindPlace(PreparedCommands commands, DeviceId device, string messageId) =>
        FindByOwnId(commands, device, messageId)
        ?? (SequenceOf(messageId) is > 0 and var sequence ? FindBySequence(commands, device, sequence) : null);

    // In this order: it may end meanwhile.
    private long? FindByOwnId(PreparedCommands commands, DeviceId device, string messageId) =>
        FindOpenByOwnId(commands, device, messageId) ?? FindEndedByOwnId(commands, device, messageId);

    private long? FindOpenByOwnId(PreparedCommands commands, DeviceId device, string messageId)
    {
        foreach (var row in _open.WithId(device, OpenRow.HashOf(messageId)))
        {
            var ownId = commands.Prepare("SELECT message_id FROM device_message WHERE place = @p0 AND has_own_id = 1", 1).Bind(row.Place).FindText();
            if (row.IdHash == OpenRow.Unknown)
            {
                _open.Identified(device, row.Sequence, ownId is null ? OpenRow.NoOwnId : OpenRow.HashOf(ownId));
            }

            if (ownId == messageId)
            {
                return row.Place;
            }
        }

        return null;
    }

    // A message that has an id of its caller's has a sequence too, and is not called by it.
    private long? FindBySequence(PreparedCommands commands, DeviceId device, long sequence) =>
        commands.Prepare("SELECT place FROM device_message WHERE place = @p0 AND has_own_id = 0", 1).Bind(_open.Find(device, sequence)).FindInteger()
        ?? commands.Prepare(
            "SELECT place FROM device_message WHERE product_key = @p0 AND device_name = @p1 AND sequence = @p2 AND finished_at IS NOT NULL AND has_own_id = 0", 3)
            .Bind(device.ProductKey).Bind(device.DeviceName).Bind(sequence).FindInteger();

    private bool TryInsert(PreparedCommands commands, UnwrittenMessage unwritten)
    {
        unwritten.Begin();
        var (message, progress) = (unwritten.Accepted, unwritten.Progress);
        var device = message.Device;
        var hasOwnId = HasOwnId(message);

        // Also one whose id is its sequence, which the caller of this one has taken for its own.
        if (hasOwnId && FindPlace(commands, device, message.MessageId) is not null)
        {
            return false;
        }

        var place = _lastPlace + 1;
        commands.Prepare(InsertSql, 21)
            .Bind(place).Bind(hasOwnId).Bind(device.ProductKey).Bind(device.DeviceName).Bind(message.MessageId).Bind(message.Sequence).Bind(message.Name)
            .Bind(message.Payload.Span).Bind(message.Topic).Bind(message.NeedsSubscription).Bind(message.QoS)
            .Bind(StoreTime.ToStore(message.CreatedAt)).Bind(StoreTime.ToStore(message.ExpiresAt))
            .Bind((long)progress.Status).Bind(progress.Attempts).Bind(progress.Rounds)
            .Bind(StoreTime.ToStore(progress.SentAt)).Bind(StoreTime.ToStore(progress.FinishedAt)).Bind(progress.Reason)
            .Bind(StoreTime.ToStore(progress.ResentAt)).Bind(StoreTime.ToStore(progress.AcknowledgedLateAt))
            .Execute();
        _lastPlace = place;
        commands.StatusEvents.Add(unwritten);
        if (!progress.IsFinal)
        {
            _open.Add(device, new OpenRow(message.Sequence, place, hasOwnId ? OpenRow.HashOf(message.MessageId) : OpenRow.NoOwnId, IsWritten: false));
        }

        return true;
    }

    /// <returns>Whether the message was there; what is final stays as it is.</returns>
    private bool TryUpdate(PreparedCommands commands, MessageChange change)
    {
        var place = _open.Find(change.Device, change.Sequence);
        if (place == 0)
        {
            return false;
        }

        var progress = change.Progress;
        var changed = commands.Prepare(UpdateSql, 8)
            .Bind(place).Bind((long)progress.Status).Bind(progress.Attempts).Bind(progress.Rounds)
            .Bind(StoreTime.ToStore(progress.SentAt)).Bind(StoreTime.ToStore(progress.FinishedAt)).Bind(progress.Reason).Bind(StoreTime.ToStore(progress.ResentAt))
            .Execute();
        if (changed == 1)
        {
            commands.StatusEvents.Add(change);
        }

        return true;
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
