using IotPlatform.Storage.Postgres;

namespace IotPlatform.Storage;

/// <summary>The tables and queries of Orleans' own ADO.NET providers, clustering and grain storage, in PostgreSQL.</summary>
public static class OrleansMigrations
{
    /// <summary>The scripts, for <see cref="PostgresMigrations.ApplyAsync"/>.</summary>
    public static MigrationGroup Group { get; } =
        MigrationGroup.FromResources("orleans", typeof(OrleansMigrations).Assembly, "IotPlatform.Storage.Orleans.");
}
