using System.Collections.Immutable;
using System.Data.Common;

namespace IotPlatform.Storage.Sqlite;

/// <summary>What queries find.</summary>
internal static class SqliteRows
{
    /// <summary>All rows of a query.</summary>
    /// <param name="rows">The rows; closed with this.</param>
    /// <param name="map">Makes a value of a row.</param>
    public static ImmutableArray<T> All<T>(DbDataReader rows, Func<DbDataReader, T> map)
    {
        using (rows)
        {
            var found = ImmutableArray.CreateBuilder<T>();
            while (rows.Read())
            {
                found.Add(map(rows));
            }

            return found.ToImmutable();
        }
    }

    /// <summary>A time, or none.</summary>
    public static DateTimeOffset? GetTime(this DbDataReader row, int column) => row.IsDBNull(column) ? null : StoreTime.FromStore(row.GetInt64(column));

    /// <summary>A text, or none.</summary>
    public static string? GetText(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
