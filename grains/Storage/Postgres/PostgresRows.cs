using System.Collections.Immutable;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Queries and what they find.</summary>
internal static class PostgresRows
{
    /// <summary>All rows of a query.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="sql">A constant of this project; values travel as parameters only.</param>
    /// <param name="bind">Adds the parameters.</param>
    /// <param name="map">Makes a value of a row.</param>
    public static async Task<ImmutableArray<T>> QueryAsync<T>(
        this NpgsqlConnection connection, string sql, Action<NpgsqlParameterCollection> bind, Func<NpgsqlDataReader, T> map)
    {
        await using var command = connection.CreateCommand(sql, bind);
        await using var rows = await command.ExecuteReaderAsync();
        var found = ImmutableArray.CreateBuilder<T>();
        while (await rows.ReadAsync())
        {
            found.Add(map(rows));
        }

        return found.ToImmutable();
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>How many rows it changed.</returns>
    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, Action<NpgsqlParameterCollection> bind)
    {
        await using var command = connection.CreateCommand(sql, bind);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>A command with its parameters.</summary>
    public static NpgsqlCommand CreateCommand(this NpgsqlConnection connection, string sql, Action<NpgsqlParameterCollection> bind)
    {
#pragma warning disable CA2100 // See the parameter.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        bind(command.Parameters);
        return command;
    }

    /// <summary>A time, or none.</summary>
    public static DateTimeOffset? GetTime(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : StoreTime.FromStore(row.GetInt64(column));

    /// <summary>A text, or none.</summary>
    public static string? GetText(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
