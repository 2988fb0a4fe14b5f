namespace IotPlatform.Storage.Sqlite;

/// <summary>Tells statements apart. They are long constants: to walk one for its hash would cost as much as some statements do.</summary>
internal sealed class SqlComparer : IEqualityComparer<string>
{
    public static readonly SqlComparer Instance = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public int GetHashCode(string sql) => HashCode.Combine(sql.Length, sql[sql.Length / 2], sql[^1]);
}
