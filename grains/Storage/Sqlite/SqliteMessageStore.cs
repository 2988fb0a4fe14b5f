using System.Collections.Immutable;
using System.Data.Common;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// Messages to devices, in SQLite. A new message is written behind the last one, and no page is written for its device: what is open is found through <see cref="OpenRows"/>, and
/// what has ended through <see cref="MessageFiling"/>, until it is in the indexes.
/// </summary>
public sealed class SqliteMessageStore : IMessageStore
{
    private const string Columns =
        "product_key, device_name, message_id, sequence, name, payload, topic, needs_subscription, qos, created_at, expires_at, "
        + "status, attempts, rounds, sent_at, finished_at, reason, resent_at, acknowledged_late_at";

    // What has been filed as ended, by device. Its columns are the table's.
    private const string FiledEnded = "message_ended JOIN device_message USING (place, product_key, device_name, sequence)";

    private const string InsertSql =
        $"INSERT INTO device_message (place, has_own_id, {Columns}) "
        + "VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16, @p17, @p18, @p19, @p20)";

    private const string UpdateSql =
        "UPDATE device_message SET status = @p1, attempts = @p2, rounds = @p3, sent_at = @p4, finished_at = @p5, reason = @p6, resent_at = @p7 "
        + "WHERE place = @p0 AND finished_at IS NULL";

    private const string Swept = "(SELECT place FROM device_message WHERE finished_at < @p0 ORDER BY finished_at, place LIMIT @p1)";

    private readonly SqliteDatabase _database;
    private readonly OpenRows _open = new();
    private readonly MessageFiling _filing;
    private readonly UnwrittenMessages _unwritten;

    /// <summary>Opens the store, and reads which rows are open.</summary>
    public SqliteMessageStore(SqliteDatabase database)
    {
        _database = database;
        _unwritten = new UnwrittenMessages(message => _open.Written(message.Device, message.Sequence));
        _filing = new MessageFiling(database);
        database.Read(commands =>
        {
            _filing.Load(commands, _open);
            return true;
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
        var known = KnownOf(device, isOpenWanted: true, areEndedWanted: true).Where(row => row.Sequence < before).Reverse();
        return _database.ReadAsync(commands => Page(
            Merge(
                known.Select(row => ByPlace(commands, row.Place)),
                Filed(commands.Query(
                    $"SELECT {Columns} FROM {FiledEnded} WHERE product_key = @p0 AND device_name = @p1 AND sequence < @p2 "
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
        long[] known = [.. KnownOf(productKey, page.Status, after)];
        return _database.ReadAsync(commands => Page(
            Merge(
                known.Select(place => ByPlace(commands, place)),
                FiledOf(commands, productKey, page, after),
                static (a, b) => (string.CompareOrdinal(a.Device.DeviceName, b.Device.DeviceName), a.Sequence.CompareTo(b.Sequence)) switch
                {
                    (0, var bySequence) => bySequence,
                    (var byName, _) => byName,
                }),
            page.Status,
            page.PageSize));
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<DeviceId>> FindExpiredAsync(DateTimeOffset now, int limit)
    {
        await _filing.FileExpiredAsync(now).ConfigureAwait(false);
        return await _database.ReadAsync(commands => SqliteRows.All(
            commands.Query("SELECT DISTINCT product_key, device_name FROM message_open WHERE expires_at <= @p0 LIMIT @p1", StoreTime.ToStore(now), (long)limit),
            static row => new DeviceId(row.GetString(0), row.GetString(1)))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<int> DeleteFinishedAsync(DateTimeOffset before, int limit) =>
        _database.WriteAsync(StoreWeight.OfSmall, commands =>
        {
            var (time, count) = (StoreTime.ToStore(before), (long)limit);
            commands.Execute(
                $"DELETE FROM message_ended WHERE (product_key, device_name, sequence) IN (SELECT product_key, device_name, sequence FROM device_message WHERE place IN {Swept})", time, count);
            commands.Execute(
                "DELETE FROM message_own_id WHERE (product_key, device_name, message_id) IN "
                + $"(SELECT product_key, device_name, message_id FROM device_message WHERE place IN {Swept} AND has_own_id = 1)",
                time, count);
            return commands.Execute($"DELETE FROM device_message WHERE place IN {Swept}", time, count);
        });

    private static DeviceMessage? ByPlace(PreparedCommands commands, long place)
    {
        using var rows = commands.Query($"SELECT {Columns} FROM device_message WHERE place = @p0", place);
        return rows.Read() ? Message(rows) : null;
    }

    /// <summary>The id that its caller gave to a message; null where he gave none, or it is not there.</summary>
    private static string? OwnIdAt(PreparedCommands commands, long place) =>
        commands.Prepare("SELECT message_id FROM device_message WHERE place = @p0 AND has_own_id = 1", 1).Bind(place).FindText();

    private static IEnumerable<DeviceMessage> FiledOf(PreparedCommands commands, string productKey, ListProductMessages page, MessagePlace after)
    {
        if (page.Status is MessageStatus.Pending or MessageStatus.Sent)
        {
            return [];
        }

        // What went wrong has an index of its own, which is kept at once.
        var source = page.Status is MessageStatus.TimedOut or MessageStatus.Failed ? "device_message" : FiledEnded;
        return Filed(commands.Query(
            $"SELECT {Columns} FROM {source} WHERE product_key = @p0 AND (device_name, sequence) > (@p1, @p2) "
            + $"{MessageStatusFilter.Of(page.Status)} ORDER BY device_name, sequence LIMIT @p3",
            productKey, after.DeviceName, after.Sequence, (long)page.PageSize));
    }

    /// <summary>Both in one order, and what is in both once; what is null is not there.</summary>
    private static IEnumerable<DeviceMessage> Merge(IEnumerable<DeviceMessage?> known, IEnumerable<DeviceMessage> filed, Comparison<DeviceMessage> comparison)
    {
        using var others = filed.GetEnumerator();
        var other = others.MoveNext() ? others.Current : null;
        foreach (var message in known)
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
    private static IEnumerable<DeviceMessage> Filed(DbDataReader rows)
    {
        using (rows)
        {
            while (rows.Read())
            {
                yield return Message(rows);
            }
        }
    }

    /// <summary>What is known of a device's messages in memory, in their order, each once. Before one looks on disk: what is filed meanwhile is in both.</summary>
    private IEnumerable<(long Sequence, long Place)> KnownOf(DeviceId device, bool isOpenWanted, bool areEndedWanted)
    {
        // In this order: it may end meanwhile.
        var open = isOpenWanted ? _open.Of(device) : [];
        var ended = areEndedWanted ? _filing.EndedOf(device) : [];
        return open.Select(static row => (row.Sequence, row.Place)).Concat(ended.Select(static row => (row.Sequence, row.Place)))
            .DistinctBy(static row => row.Sequence)
            .OrderBy(static row => row.Sequence);
    }

    private IEnumerable<long> KnownOf(string productKey, MessageStatus? status, MessagePlace after)
    {
        var isOpenWanted = status is null or MessageStatus.Pending or MessageStatus.Sent;
        var areEndedWanted = status is null or MessageStatus.Delivered;

        // In this order: it may end meanwhile.
        IEnumerable<DeviceId> ofOpen = isOpenWanted ? _open.DevicesOf(productKey, after.DeviceName) : [];
        IEnumerable<DeviceId> ofEnded = areEndedWanted ? _filing.DevicesOf(productKey, after.DeviceName) : [];
        return ofOpen.Union(ofEnded)
            .OrderBy(static device => device.DeviceName, StringComparer.Ordinal)
            .SelectMany(device => KnownOf(device, isOpenWanted, areEndedWanted).Where(row => device.DeviceName != after.DeviceName || row.Sequence > after.Sequence))
            .Select(static row => row.Place);
    }

    private long? FindPlace(PreparedCommands commands, DeviceId device, string messageId) =>
        FindByOwnId(commands, device, messageId)
        ?? (OwnId.SequenceNamed(messageId) is > 0 and var sequence ? FindBySequence(commands, device, sequence) : null);

    // In this order: it may end, and be filed, meanwhile.
    private long? FindByOwnId(PreparedCommands commands, DeviceId device, string messageId)
    {
        if (FindOpenByOwnId(commands, device, messageId) is { } open)
        {
            return open;
        }

        foreach (var row in _filing.EndedWithId(device, IdHash.Of(messageId)))
        {
            if (OwnIdAt(commands, row.Place) == messageId)
            {
                return row.Place;
            }
        }

        return commands.Prepare("SELECT place FROM message_own_id WHERE product_key = @p0 AND device_name = @p1 AND message_id = @p2", 3)
            .Bind(device.ProductKey).Bind(device.DeviceName).Bind(messageId).FindInteger();
    }

    private long? FindOpenByOwnId(PreparedCommands commands, DeviceId device, string messageId)
    {
        foreach (var row in _open.WithId(device, IdHash.Of(messageId)))
        {
            var ownId = OwnIdAt(commands, row.Place);
            if (row.IdHash == IdHash.Unknown)
            {
                _open.Identified(device, row.Sequence, ownId is null ? IdHash.NoOwnId : IdHash.Of(ownId));
            }

            if (ownId == messageId)
            {
                return row.Place;
            }
        }

        return null;
    }

    // A message that has an id of its caller's has a sequence too, and is not called by it. In this order: it may end, and be filed, meanwhile.
    private long? FindBySequence(PreparedCommands commands, DeviceId device, long sequence) =>
        WithoutOwnId(commands, _open.Find(device, sequence)?.Place)
        ?? WithoutOwnId(commands, _filing.FindEnded(device, sequence))
        ?? WithoutOwnId(commands, commands.Prepare("SELECT place FROM message_ended WHERE product_key = @p0 AND device_name = @p1 AND sequence = @p2", 3)
            .Bind(device.ProductKey).Bind(device.DeviceName).Bind(sequence).FindInteger());

    private static long? WithoutOwnId(PreparedCommands commands, long? place) => place is null
        ? null
        : commands.Prepare("SELECT place FROM device_message WHERE place = @p0 AND has_own_id = 0", 1).Bind(place).FindInteger();

    private bool TryInsert(PreparedCommands commands, UnwrittenMessage unwritten)
    {
        unwritten.Begin();
        var (message, progress) = (unwritten.Accepted, unwritten.Progress);
        var device = message.Device;
        var hasOwnId = OwnId.IsGivenTo(message);

        // Also one whose id is its sequence, which the caller of this one has taken for its own.
        if (hasOwnId && FindPlace(commands, device, message.MessageId) is not null)
        {
            return false;
        }

        var (place, expiresAt) = (_filing.NextPlace, StoreTime.ToStore(message.ExpiresAt));
        commands.Prepare(InsertSql, 21)
            .Bind(place).Bind(hasOwnId).Bind(device.ProductKey).Bind(device.DeviceName).Bind(message.MessageId).Bind(message.Sequence).Bind(message.Name)
            .Bind(message.Payload.Span).Bind(message.Topic).Bind(message.NeedsSubscription).Bind(message.QoS)
            .Bind(StoreTime.ToStore(message.CreatedAt)).Bind(expiresAt)
            .Bind((long)progress.Status).Bind(progress.Attempts).Bind(progress.Rounds)
            .Bind(StoreTime.ToStore(progress.SentAt)).Bind(StoreTime.ToStore(progress.FinishedAt)).Bind(progress.Reason)
            .Bind(StoreTime.ToStore(progress.ResentAt)).Bind(StoreTime.ToStore(progress.AcknowledgedLateAt))
            .Execute();
        commands.StatusEvents.Add(unwritten);
        _filing.Came(place, expiresAt);
        var row = new MessageRow(message.Sequence, place, hasOwnId ? IdHash.Of(message.MessageId) : IdHash.NoOwnId, IsWritten: false);
        if (progress.IsFinal)
        {
            _filing.End(commands, device, row);
        }
        else
        {
            _open.Add(device, row);
        }

        return true;
    }

    /// <returns>Whether the message was there; what is final stays as it is.</returns>
    private bool TryUpdate(PreparedCommands commands, MessageChange change)
    {
        if (_open.Find(change.Device, change.Sequence) is not { } row)
        {
            return false;
        }

        var progress = change.Progress;
        var changed = commands.Prepare(UpdateSql, 8)
            .Bind(row.Place).Bind((long)progress.Status).Bind(progress.Attempts).Bind(progress.Rounds)
            .Bind(StoreTime.ToStore(progress.SentAt)).Bind(StoreTime.ToStore(progress.FinishedAt)).Bind(progress.Reason).Bind(StoreTime.ToStore(progress.ResentAt))
            .Execute();
        if (changed == 1)
        {
            commands.StatusEvents.Add(change);
            if (progress.IsFinal)
            {
                _filing.End(commands, change.Device, row);
            }
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
