using IotPlatform.StatusEvents;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Status events, in PostgreSQL.</summary>
public sealed class PostgresStatusEventStore(PostgresDatabase database) : IStatusEventStore
{
    // Below this nothing is under way any more.
    private const string Settled = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    /// <inheritdoc/>
    public async Task<StatusEventPosition> GetEndAsync()
    {
        var ends = await database.ReadAsync(static connection => connection.QueryAsync(
            $"SELECT {Settled} - 1", static _ => { }, static row => new StatusEventPosition(row.GetInt64(0), long.MaxValue, StatusEventPosition.WholePage)));
        return ends[0];
    }

    /// <inheritdoc/>
    public async Task<StatusEventReading> ReadAsync(StatusEventPosition after, int pagesMax)
    {
        var isBehindPage = after.Index == StatusEventPosition.WholePage;
        var pages = await database.ReadAsync(connection => connection.QueryAsync(
            $"""
            SELECT p.transaction, p.page, p.events FROM (
              SELECT *, sum(octet_length(events)) OVER (ORDER BY transaction, page ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
              FROM (
                SELECT transaction, page, events FROM status_event_page
                WHERE (transaction, page) {(isBehindPage ? ">" : ">=")} ($1, $2) AND transaction < {Settled}
                ORDER BY transaction, page LIMIT $3) AS f) AS p
            WHERE p.bytes_before IS NULL OR p.bytes_before < $4
            ORDER BY p.transaction, p.page
            """,
            parameters => parameters.With(after.Transaction).With(after.Page).With(pagesMax).With((long)IStatusEventStore.ReadingBytesMax),
            static row => new StatusEventPage(new StatusEventPosition(row.GetInt64(0), row.GetInt64(1), 0), row.GetFieldValue<byte[]>(2))));

        // Looked at after the pages: what was deleted before they were read is noted by now.
        var deleted = await database.ReadAsync(static connection => connection.QueryAsync(
            "SELECT transaction, page FROM status_event_deleted", static _ => { }, static row => new StatusEventPosition(row.GetInt64(0), row.GetInt64(1), StatusEventPosition.WholePage)));
        return new StatusEventReading(pages, IsGapBefore: after != StatusEventPosition.Start && after.IsBefore(deleted[0]));
    }

    /// <inheritdoc/>
    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) =>
        DeleteAsync(
            "SELECT transaction, page FROM status_event_page WHERE written_at < $1 ORDER BY transaction, page LIMIT $2",
            parameters => parameters.With(StoreTime.ToStore(before)).With(limit));

    /// <inheritdoc/>
    public Task<int> DeleteBeyondAsync(long bytesMax, int limit) =>
        DeleteAsync(
            """
            SELECT transaction, page FROM (
              SELECT transaction, page, sum(octet_length(events)) OVER (ORDER BY transaction DESC, page DESC) AS bytes FROM status_event_page) AS p
            WHERE bytes > $1 ORDER BY transaction, page LIMIT $2
            """,
            parameters => parameters.With(bytesMax).With(limit));

    /// <summary>Writes the page of what the connection's transaction has done to messages.</summary>
    internal static async Task AppendAsync(NpgsqlConnection connection, StatusEventBuffer events, DateTimeOffset now)
    {
        await using var command = new NpgsqlCommand("INSERT INTO status_event_page (written_at, events) VALUES ($1, $2)", connection);
        command.Parameters.With(StoreTime.ToStore(now)).With(events.ToPage());
        await command.ExecuteNonQueryAsync();
    }

    // In one statement: whoever does not find a page any more finds the note of it. Silos that sweep at the same time do not wait for each other.
    private Task<int> DeleteAsync(string pages, Action<NpgsqlParameterCollection> bind) =>
        database.ReadAsync(async connection =>
        {
            var counts = await connection.QueryAsync(
                $"""
                WITH old AS MATERIALIZED (
                    SELECT transaction, page FROM status_event_page WHERE (transaction, page) IN ({pages}) ORDER BY transaction, page FOR UPDATE SKIP LOCKED),
                  deleted AS (
                    DELETE FROM status_event_page AS p USING old WHERE p.transaction = old.transaction AND p.page = old.page RETURNING p.transaction, p.page),
                  last AS (SELECT transaction, page FROM deleted ORDER BY transaction DESC, page DESC LIMIT 1),
                  noted AS (
                    UPDATE status_event_deleted AS s SET transaction = last.transaction, page = last.page FROM last WHERE (s.transaction, s.page) < (last.transaction, last.page))
                SELECT count(*) FROM deleted
                """,
                bind,
                static row => (int)row.GetInt64(0));
            return counts[0];
        });
}
