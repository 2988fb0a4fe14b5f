using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Applies the numbered scripts of <c>Migrations/</c> that a database has not seen, each in a transaction that locks the file.</summary>
internal static class SqliteMigrations
{
    private const string ResourcePrefix = "IotPlatform.Storage.Sqlite.Migrations.";

    public static void Apply(SqliteConnection connection)
    {
        var scripts = Scripts();
        var version = VersionOf(connection);
        if (version > scripts.Count)
        {
            throw new InvalidOperationException($"The database has schema {version}, this program knows {scripts.Count}: it has been used by a newer version.");
        }

        for (; version < scripts.Count; version++)
        {
            ApplyOne(connection, version, scripts[version]);
        }
    }

    private static void ApplyOne(SqliteConnection connection, int version, string script)
    {
        using var transaction = connection.BeginTransaction();

        // Another process may have been first while this one waited for the lock.
        if (VersionOf(connection) == version)
        {
            Execute(connection, script);
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}"));
        }

        transaction.Commit();
    }

    private static int VersionOf(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();

        // The scripts are resources of this assembly.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static List<string> Scripts()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            })];
    }
}
