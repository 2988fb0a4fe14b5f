using IotPlatform.Orders;

namespace IotPlatform.Storage.Postgres;

/// <summary>Standing orders, in PostgreSQL.</summary>
public sealed class PostgresStandingOrderStore(PostgresDatabase database) : IStandingOrderStore
{
    /// <inheritdoc/>
    public async Task<StandingOrders> LoadAsync() =>
        StandingOrderJson.ToOrders(await database.ReadAsync(static connection => connection.QueryAsync(
            "SELECT kind, content FROM standing_order", static _ => { }, static row => (row.GetString(0), row.GetString(1)))));

    /// <inheritdoc/>
    public Task SaveAsync(Ban ban) => SaveAsync(ban.Id, StandingOrderJson.BanKind, StandingOrderJson.Of(ban));

    /// <inheritdoc/>
    public Task SaveAsync(TraceOrder trace) => SaveAsync(trace.Id, StandingOrderJson.TraceKind, StandingOrderJson.Of(trace));

    /// <inheritdoc/>
    public Task DeleteAsync(string id)
    {
        PostgresText.Checked(id);
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.OfSmall, "DELETE FROM standing_order WHERE id = $1", parameters => parameters.With(id), static (_, _) => true));
    }

    private Task<bool> SaveAsync(string id, string kind, string content)
    {
        PostgresText.Checked(id);
        PostgresText.Checked(content);
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.OfSmall,
            """
            INSERT INTO standing_order (id, kind, content) VALUES ($1, $2, $3)
            ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, content = EXCLUDED.content
            """,
            parameters => parameters.With(id).With(kind).With(content),
            static (_, _) => true));
    }
}
