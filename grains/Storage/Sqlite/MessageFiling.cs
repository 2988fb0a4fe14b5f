using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// Enters messages into the indexes, many at a time: first, in the order of their rows, those that have come since the last time and are still open, then, by device, those that
/// have ended meanwhile. Once a message has been filed as open, its end is entered with it.
/// </summary>
/// <remarks>
/// What has ended and is to be filed is found through memory until all of it has been, and whoever looks on disk has looked there before: nothing is missed, and some is found twice.
/// A process that was killed is followed by one that files every row behind the place that was reached. Bounded by the writer, which files no less than it takes.
/// </remarks>
internal sealed class MessageFiling
{
    /// <summary>Messages that are filed together. Of 10,000 devices, ten of each: a tenth of the pages that they would be alone.</summary>
    public const int DueAbove = 100_000;

    /// <summary>Entries that one batch takes besides its writes: some two milliseconds, and as many as there may be writes where these wait as well.</summary>
    private const int PartLength = 500;

    private const int BusyPartLength = BatchWriter<SqliteWrite>.BatchLengthMax;

    // Replace: a part may have been filed before the process was killed.
    private const string FileOpenSql =
        "INSERT OR REPLACE INTO message_open SELECT expires_at, place, product_key, device_name, sequence FROM device_message "
        + "WHERE place BETWEEN @p0 AND @p1 AND finished_at IS NULL";

    private const string TakeFromOpenSql = "DELETE FROM message_open WHERE place = @p0 AND expires_at = (SELECT expires_at FROM device_message WHERE place = @p0)";

    private const string FileEndedSql =
        "INSERT OR IGNORE INTO message_ended SELECT product_key, device_name, sequence, place FROM device_message WHERE place = @p0 AND finished_at IS NOT NULL";

    private const string FileOwnIdSql =
        "INSERT OR IGNORE INTO message_own_id SELECT product_key, device_name, message_id, place FROM device_message "
        + "WHERE place = @p0 AND finished_at IS NOT NULL AND has_own_id = 1";

    private readonly SqliteDatabase _database;
    private readonly Lock _gate = new();

    /// <summary>The latest last: where those go that end. Those before it are being filed.</summary>
    private ImmutableArray<EndedRows> _ended = [new()];

    /// <summary>The last row that was given out; only the writer asks for more.</summary>
    private long _lastPlace;

    /// <summary>Up to here, what was open when it was reached has been filed, by the writer.</summary>
    private long _openFiledUpTo;

    /// <summary>Up to here everything has been filed, and the disk knows.</summary>
    private long _filedUpTo;

    /// <summary>When the first of those behind that expires, as the store has times; and of those behind the place that is being filed up to.</summary>
    private long _soonestExpiry = long.MaxValue;
    private long _soonestExpiryNext = long.MaxValue;

    private Task? _running;

    /// <summary>Files what is in <paramref name="database"/>.</summary>
    public MessageFiling(SqliteDatabase database)
    {
        _database = database;
        database.Instruments.WatchUnfiled(() => UnfiledCount);
    }

    /// <summary>The row for the next message.</summary>
    public long NextPlace => _lastPlace + 1;

    private long UnfiledCount => Volatile.Read(ref _lastPlace) - Volatile.Read(ref _filedUpTo);

    private ImmutableArray<EndedRows> Ended
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    /// <summary>Reads which messages are open, and which have not been filed. For the start of the process.</summary>
    public void Load(PreparedCommands commands, OpenRows open)
    {
        // Few keys for many devices.
        var productKeys = new Dictionary<string, string>(StringComparer.Ordinal);
        _lastPlace = _openFiledUpTo = _filedUpTo = commands.Prepare("SELECT place FROM message_filing", 0).FindInteger()!.Value;
        using (var filed = commands.Query("SELECT product_key, device_name, sequence, place FROM message_open"))
        {
            while (filed.Read())
            {
                var place = filed.GetInt64(3);
                open.Add(DeviceOf(filed.GetString(0), filed.GetString(1)), new MessageRow(filed.GetInt64(2), place, IdHash.Unknown, IsWritten: true));

                // A part that was filed before the process was killed.
                _openFiledUpTo = Math.Max(_openFiledUpTo, place);
            }
        }

        using var rows = commands.Query(
            "SELECT product_key, device_name, sequence, place, CASE WHEN has_own_id THEN message_id END, finished_at IS NOT NULL, expires_at FROM device_message WHERE place > @p0",
            _filedUpTo);
        while (rows.Read())
        {
            var device = DeviceOf(rows.GetString(0), rows.GetString(1));
            var (sequence, idHash) = (rows.GetInt64(2), rows.IsDBNull(4) ? IdHash.NoOwnId : IdHash.Of(rows.GetString(4)));
            _lastPlace = rows.GetInt64(3);
            var row = new MessageRow(sequence, _lastPlace, idHash, IsWritten: true);
            if (rows.GetBoolean(5))
            {
                Ended[^1].Add(device, row);
            }
            else
            {
                open.Add(device, row);
                _soonestExpiry = Math.Min(_soonestExpiry, rows.GetInt64(6));
            }
        }

        DeviceId DeviceOf(string productKey, string deviceName)
        {
            if (!productKeys.TryAdd(productKey, productKey))
            {
                productKey = productKeys[productKey];
            }

            return new DeviceId(productKey, deviceName);
        }
    }

    /// <summary>A message has come, in this transaction.</summary>
    public void Came(long place, long expiresAt)
    {
        Volatile.Write(ref _lastPlace, place);
        if (expiresAt < Volatile.Read(ref _soonestExpiryNext))
        {
            Volatile.Write(ref _soonestExpiryNext, expiresAt);
        }

        if (UnfiledCount > DueAbove && Volatile.Read(ref _running) is null or { IsCompleted: true })
        {
            _ = FileUnobservedAsync();
        }
    }

    /// <summary>A message has ended, in this transaction.</summary>
    public void End(PreparedCommands commands, DeviceId device, MessageRow row)
    {
        if (row.Place > _openFiledUpTo)
        {
            Ended[^1].Add(device, row);
            return;
        }

        commands.Prepare(TakeFromOpenSql, 1).Bind(row.Place).Execute();
        FileEnded(commands, row);
    }

    /// <summary>The row of a message that has ended and may not have been filed; null for none.</summary>
    public long? FindEnded(DeviceId device, long sequence)
    {
        foreach (var rows in Ended)
        {
            if (rows.Find(device, sequence) is { } row)
            {
                return row.Place;
            }
        }

        return null;
    }

    /// <summary>A device's rows that have ended, may not have been filed, and may have an id of <paramref name="idHash"/>. Mostly none.</summary>
    public IEnumerable<MessageRow> EndedWithId(DeviceId device, int idHash) => Ended.SelectMany(rows => rows.WithId(device, idHash));

    /// <summary>A device's rows that have ended and may not have been filed.</summary>
    public IEnumerable<MessageRow> EndedOf(DeviceId device) => Ended.SelectMany(rows => rows.Of(device));

    /// <summary>The devices of a product that have such rows, from a name on.</summary>
    public IEnumerable<DeviceId> DevicesOf(string productKey, string firstName) => Ended.SelectMany(rows => rows.DevicesOf(productKey, firstName)).Distinct();

    /// <summary>Sees to it that whatever has expired has been filed, and what should have been.</summary>
    public async Task FileExpiredAsync(DateTimeOffset now)
    {
        // What is being filed, and what has come since.
        for (var i = 0; i < 2 && (UnfiledCount > DueAbove || SoonestExpiry() <= StoreTime.ToStore(now)); i++)
        {
            await FileAsync().ConfigureAwait(false);
        }
    }

    private static void FileEnded(PreparedCommands commands, MessageRow row)
    {
        // What the table says of it counts: its end may not have been written after all.
        commands.Prepare(FileEndedSql, 1).Bind(row.Place).Execute();
        if (row.IdHash != IdHash.NoOwnId)
        {
            commands.Prepare(FileOwnIdSql, 1).Bind(row.Place).Execute();
        }
    }

    private long SoonestExpiry() => Math.Min(Volatile.Read(ref _soonestExpiry), Volatile.Read(ref _soonestExpiryNext));

    /// <summary>Files what has come until now, unless that is going on.</summary>
    private Task FileAsync()
    {
        lock (_gate)
        {
            return _running is { IsCompleted: false } running ? running : _running = Task.Run(FileAllAsync);
        }
    }

    // Where the store is away, it has said so, and the next message that comes tries it again.
    private async Task FileUnobservedAsync()
    {
        try
        {
            await FileAsync().ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
        }
    }

    private async Task FileAllAsync()
    {
        var upTo = await WriteAsync(_ => Begin()).ConfigureAwait(false);
        for (var from = Volatile.Read(ref _filedUpTo) + 1; from <= upTo;)
        {
            var last = Math.Min(upTo, from + PartLengthNow() - 1);
            from = await WriteAsync(commands => FileOpen(commands, from, last)).ConfigureAwait(false);
        }

        // All rows up to there that have ended, or are about to be, are in these: what else ends is entered with its end.
        foreach (var ended in await WriteAsync(_ => Part()).ConfigureAwait(false))
        {
            ReadOnlyMemory<MessageRow> rows = ended.InOrder();
            while (!rows.IsEmpty)
            {
                var part = rows[..Math.Min(PartLengthNow(), rows.Length)];
                rows = rows[await WriteAsync(commands => FileEnded(commands, part)).ConfigureAwait(false)..];
            }
        }

        await WriteAsync(commands => commands.Execute("UPDATE message_filing SET place = @p0", upTo)).ConfigureAwait(false);
        lock (_gate)
        {
            _ended = [_ended[^1]];
        }

        Volatile.Write(ref _soonestExpiry, long.MaxValue);
        Volatile.Write(ref _filedUpTo, upTo);
    }

    private int PartLengthNow() => _database.IsBehind ? BusyPartLength : PartLength;

    private Task<TResult> WriteAsync<TResult>(Func<PreparedCommands, TResult> apply) => _database.WriteAsync(StoreWeight.OfSmall, apply);

    private long Begin()
    {
        _soonestExpiry = SoonestExpiry();
        _soonestExpiryNext = long.MaxValue;
        return _lastPlace;
    }

    private long FileOpen(PreparedCommands commands, long first, long last)
    {
        commands.Prepare(FileOpenSql, 2).Bind(first).Bind(last).Execute();

        // Before the commit: whatever ends one of them is in this transaction, or comes after it.
        _openFiledUpTo = Math.Max(_openFiledUpTo, last);
        return last + 1;
    }

    /// <returns>Those that are filed now.</returns>
    private ImmutableArray<EndedRows> Part()
    {
        lock (_gate)
        {
            var toFile = _ended;
            _ended = _ended.Add(new EndedRows());
            return toFile;
        }
    }

    private static int FileEnded(PreparedCommands commands, ReadOnlyMemory<MessageRow> rows)
    {
        foreach (var row in rows.Span)
        {
            FileEnded(commands, row);
        }

        return rows.Length;
    }
}
