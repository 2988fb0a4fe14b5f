using System.Collections.Immutable;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>
/// Brings the schemas of a PostgreSQL database up to date. Each script runs in a transaction of its own that holds one advisory lock, so that
/// any number of processes may migrate at once: the others wait, and find the work done. What has been applied is in the table
/// <c>schema_version</c>.
/// </summary>
public static class PostgresMigrations
{
    /// <summary>Nobody else's: the bytes of "iot.silo".</summary>
    private const long AdvisoryLock = 0x696F_742E_7369_6C6F;

    /// <summary>The durable store's own schema.</summary>
    public static MigrationGroup Store { get; } =
        MigrationGroup.FromResources("store", typeof(PostgresMigrations).Assembly, "IotPlatform.Storage.Postgres.Migrations.");

    /// <summary>Applies what the database has not seen, group by group.</summary>
    /// <param name="connectionString">The database; its user must be allowed to create tables.</param>
    /// <param name="groups">The schemas to bring up to date.</param>
    /// <param name="cancellationToken">Gives up; what has been applied stays.</param>
    /// <returns>What was applied, in order; nothing when everything was up to date.</returns>
    /// <exception cref="InvalidOperationException">A newer version of this program has changed a schema.</exception>
    /// <exception cref="NpgsqlException">The server did not answer, or refused.</exception>
    public static async Task<ImmutableArray<MigrationScript>> ApplyAsync(
        string connectionString, IEnumerable<MigrationGroup> groups, CancellationToken cancellationToken = default)
    {
        // No timeout: an index over a large table takes what it takes.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        var applied = ImmutableArray.CreateBuilder<MigrationScript>();
        foreach (var group in groups)
        {
            while (await ApplyNextAsync(connection, group, cancellationToken) is { } script)
            {
                applied.Add(script);
            }
        }

        return applied.ToImmutable();
    }

    /// <summary>Refuses a database whose schema is not the one that this program was written for.</summary>
    internal static async Task CheckAsync(NpgsqlConnection connection, MigrationGroup group)
    {
        var version = await ExistsAsync(connection, default) ? await VersionOfAsync(connection, group, default) : 0;
        if (version > group.Version)
        {
            throw NewerThanKnown(group, version);
        }

        if (version < group.Version)
        {
            throw new InvalidOperationException(
                (version == 0 ? $"The database has no schema \"{group.Name}\"" : $"The database has schema \"{group.Name}\" {version}, this program needs {group.Version}")
                + ": run `silo migrate` once, then start again.");
        }
    }

    private static async Task<MigrationScript?> ApplyNextAsync(NpgsqlConnection connection, MigrationGroup group, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({AdvisoryLock})", cancellationToken);
        await CreateVersionTableAsync(connection, cancellationToken);
        var version = await VersionOfAsync(connection, group, cancellationToken);
        if (version > group.Version)
        {
            throw NewerThanKnown(group, version);
        }

        MigrationScript? script = null;
        if (version < group.Version)
        {
            script = group.Scripts[version];
            await ExecuteAsync(connection, script.Sql, cancellationToken);
            await RecordAsync(connection, script, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return script;
    }

    private static async Task CreateVersionTableAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(connection, cancellationToken))
        {
            await ExecuteAsync(
                connection,
                """
                CREATE TABLE schema_version (
                  schema_group text        NOT NULL,
                  version      integer     NOT NULL,
                  script       text        NOT NULL,
                  applied_at   timestamptz NOT NULL DEFAULT now(),
                  PRIMARY KEY (schema_group, version)
                )
                """,
                cancellationToken);
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass('schema_version') IS NOT NULL", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<int> VersionOfAsync(NpgsqlConnection connection, MigrationGroup group, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM schema_version WHERE schema_group = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group.Name });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task RecordAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("INSERT INTO schema_version (schema_group, version, script) VALUES ($1, $2, $3)", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = script.Group });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = script.Version });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = script.Name });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Constants and resources of this project's assemblies.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static InvalidOperationException NewerThanKnown(MigrationGroup group, int version) =>
        new($"The database has schema \"{group.Name}\" {version}, this program knows {group.Version}: it has been used by a newer version.");
}
