using System.Collections.Immutable;
using IotPlatform.StatusEvents;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Status events, in SQLite.</summary>
public sealed class SqliteStatusEventStore(SqliteDatabase database) : IStatusEventStore
{
    /// <inheritdoc/>
    public Task<StatusEventPosition> GetEndAsync() => database.ReadAsync(static commands => new StatusEventPosition(0, LastPage(commands), StatusEventPosition.WholePage));

    /// <inheritdoc/>
    public Task<StatusEventReading> ReadAsync(StatusEventPosition after, int pagesMax) =>
        database.ReadAsync(commands =>
        {
            // Before the pages: what is numbered by now is there, unless it was deleted.
            var last = LastPage(commands);
            var first = after.Index == StatusEventPosition.WholePage ? after.Page + 1 : after.Page;
            var pages = Pages(commands, first, pagesMax);

            // Who wants all that is kept misses nothing.
            var found = pages.Length > 0 ? pages[0].Position.Page : last + 1;
            return new StatusEventReading(pages, IsGapBefore: found > first && after != StatusEventPosition.Start);
        });

    /// <inheritdoc/>
    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "DELETE FROM status_event_page WHERE page IN (SELECT page FROM status_event_page WHERE written_at < @p0 ORDER BY page LIMIT @p1)",
            StoreTime.ToStore(before), (long)limit));

    /// <inheritdoc/>
    public async Task<int> DeleteBeyondAsync(long bytesMax, int limit)
    {
        var last = await database.ReadAsync(commands => LastToDelete(commands, bytesMax));
        return last is null
            ? 0
            : await database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
                "DELETE FROM status_event_page WHERE page IN (SELECT page FROM status_event_page WHERE page <= @p0 ORDER BY page LIMIT @p1)", last, (long)limit));
    }

    /// <summary>Writes the page of what the transaction has done to messages so far.</summary>
    internal static void Append(PreparedCommands commands, DateTimeOffset now)
    {
        if (!commands.StatusEvents.IsEmpty)
        {
            commands.Execute("INSERT INTO status_event_page (written_at, events) VALUES (@p0, @p1)", StoreTime.ToStore(now), commands.StatusEvents.ToPage());
        }
    }

    private static ImmutableArray<StatusEventPage> Pages(PreparedCommands commands, long first, int pagesMax)
    {
        using var rows = commands.Query("SELECT page, events FROM status_event_page WHERE page >= @p0 ORDER BY page LIMIT @p1", first, (long)pagesMax);
        var pages = ImmutableArray.CreateBuilder<StatusEventPage>();
        for (var bytes = 0; bytes < IStatusEventStore.ReadingBytesMax && rows.Read();)
        {
            var events = rows.GetFieldValue<byte[]>(1);
            pages.Add(new StatusEventPage(new StatusEventPosition(0, rows.GetInt64(0), 0), events));
            bytes += events.Length;
        }

        return pages.DrainToImmutable();
    }

    // SQLite's own note of the last number that it has given out.
    private static long LastPage(PreparedCommands commands)
    {
        using var rows = commands.Query("SELECT seq FROM sqlite_sequence WHERE name = 'status_event_page'");
        return rows.Read() ? rows.GetInt64(0) : 0;
    }

    private static long? LastToDelete(PreparedCommands commands, long bytesMax)
    {
        using var rows = commands.Query(
            "SELECT max(page) FROM (SELECT page, sum(length(events)) OVER (ORDER BY page DESC) AS bytes FROM status_event_page) WHERE bytes > @p0", bytesMax);
        return rows.Read() && !rows.IsDBNull(0) ? rows.GetInt64(0) : null;
    }
}
