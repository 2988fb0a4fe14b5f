using System.Collections.Immutable;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Pushes of status events, in PostgreSQL.</summary>
public sealed class PostgresStatusPushStore(PostgresDatabase database) : IStatusPushStore
{
    private const string Select = "SELECT content, position, parked_at, failure FROM status_push";

    /// <inheritdoc/>
    public Task<ImmutableArray<StoredStatusPush>> LoadAsync() => database.ReadAsync(static connection => connection.QueryAsync(Select, static _ => { }, Push));

    /// <inheritdoc/>
    public async Task<StoredStatusPush?> FindAsync(string id)
    {
        if (!PostgresText.CanHold(id))
        {
            return null;
        }

        var found = await database.ReadAsync(connection => connection.QueryAsync($"{Select} WHERE id = $1", parameters => parameters.With(id), Push));
        return found.FirstOrDefault();
    }

    /// <inheritdoc/>
    public Task AddAsync(StoredStatusPush push)
    {
        PostgresText.Checked(push.Push.Id);
        PostgresText.Checked(push.Push.Url);
        return WriteAsync(
            "INSERT INTO status_push (id, content, position, parked_at, failure) VALUES ($1, $5, $2, $3, $4)",
            push,
            parameters => parameters.With(StatusPushJson.Of(push.Push)));
    }

    /// <inheritdoc/>
    public Task UpdateAsync(StoredStatusPush push) =>
        WriteAsync("UPDATE status_push SET position = $2, parked_at = $3, failure = $4 WHERE id = $1", push, static _ => { });

    /// <inheritdoc/>
    public Task DeleteAsync(string id)
    {
        PostgresText.Checked(id);
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.OfSmall, "DELETE FROM status_push WHERE id = $1", parameters => parameters.With(id), static (_, _) => true));
    }

    private Task<bool> WriteAsync(string sql, StoredStatusPush push, Action<NpgsqlParameterCollection> bindMore)
    {
        PostgresText.Checked(push.Failure ?? "");
        return database.WriteAsync(new StatementWrite<bool>(
            StoreWeight.OfSmall,
            sql,
            parameters => bindMore(parameters
                .With(push.Push.Id).With(push.Position.ToString())
                .WithNullable(push.ParkedAt is { } parkedAt ? StoreTime.ToStore(parkedAt) : null).WithNullable(push.Failure)),
            static (_, _) => true));
    }

    private static StoredStatusPush Push(NpgsqlDataReader row) => StatusPushJson.ToPush(row.GetString(0), row.GetString(1), row.GetTime(2), row.GetText(3));
}
