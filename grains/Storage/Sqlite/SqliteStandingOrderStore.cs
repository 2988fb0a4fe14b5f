using IotPlatform.Orders;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Standing orders, in SQLite.</summary>
public sealed class SqliteStandingOrderStore(SqliteDatabase database) : IStandingOrderStore
{
    /// <inheritdoc/>
    public Task<StandingOrders> LoadAsync() =>
        database.ReadAsync(static commands => StandingOrderJson.ToOrders(SqliteRows.All(
            commands.Query("SELECT kind, content FROM standing_order"), static row => (row.GetString(0), row.GetString(1)))));

    /// <inheritdoc/>
    public Task SaveAsync(Ban ban) => SaveAsync(ban.Id, StandingOrderJson.BanKind, StandingOrderJson.Of(ban));

    /// <inheritdoc/>
    public Task SaveAsync(TraceOrder trace) => SaveAsync(trace.Id, StandingOrderJson.TraceKind, StandingOrderJson.Of(trace));

    /// <inheritdoc/>
    public Task DeleteAsync(string id) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute("DELETE FROM standing_order WHERE id = @p0", id));

    private Task<int> SaveAsync(string id, string kind, string content) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "INSERT OR REPLACE INTO standing_order (id, kind, content) VALUES (@p0, @p1, @p2)", id, kind, content));
}
