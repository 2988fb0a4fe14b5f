using System.Collections.Immutable;
using System.Data.Common;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Pushes of status events, in SQLite.</summary>
public sealed class SqliteStatusPushStore(SqliteDatabase database) : IStatusPushStore
{
    private const string Select = "SELECT content, position, parked_at, failure FROM status_push";

    /// <inheritdoc/>
    public Task<ImmutableArray<StoredStatusPush>> LoadAsync() => database.ReadAsync(static commands => SqliteRows.All(commands.Query(Select), Push));

    /// <inheritdoc/>
    public Task<StoredStatusPush?> FindAsync(string id) =>
        database.ReadAsync(commands => SqliteRows.All(commands.Query($"{Select} WHERE id = @p0", id), Push).FirstOrDefault());

    /// <inheritdoc/>
    public Task AddAsync(StoredStatusPush push) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "INSERT INTO status_push (id, content, position, parked_at, failure) VALUES (@p0, @p1, @p2, @p3, @p4)",
            push.Push.Id, StatusPushJson.Of(push.Push), push.Position.ToString(), StoreTime.ToStore(push.ParkedAt), push.Failure));

    /// <inheritdoc/>
    public Task UpdateAsync(StoredStatusPush push) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "UPDATE status_push SET position = @p1, parked_at = @p2, failure = @p3 WHERE id = @p0",
            push.Push.Id, push.Position.ToString(), StoreTime.ToStore(push.ParkedAt), push.Failure));

    /// <inheritdoc/>
    public Task DeleteAsync(string id) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute("DELETE FROM status_push WHERE id = @p0", id));

    private static StoredStatusPush Push(DbDataReader row) => StatusPushJson.ToPush(row.GetString(0), row.GetString(1), row.GetTime(2), row.GetText(3));
}
