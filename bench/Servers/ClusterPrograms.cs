using IotPlatform.Testkit;

namespace IotPlatform.Bench.Servers;

/// <summary>The programs that a cluster is made of.</summary>
/// <param name="Silo">The silo, built on Orleans.</param>
/// <param name="Gateway">The gateway, built on Orleans.</param>
/// <param name="Bench">This benchmark, built on Orleans: it is Orleans without the platform.</param>
/// <param name="Postgres">The database server.</param>
internal sealed record ClusterPrograms(string Silo, string Gateway, string Bench, PostgresPrograms Postgres)
{
    /// <summary>Finds the programs.</summary>
    /// <param name="folder">The build on Orleans; null for the one beside this program.</param>
    /// <param name="missing">What is missing, and what to do about it.</param>
    public static ClusterPrograms? Find(string? folder, out string? missing)
    {
        folder ??= BuildOutput.FolderOf("orleans");
        string[] built = [.. new[] { "Silo", "Gateway", "Bench" }.Select(program => BuildOutput.PathOf(folder, program))];
        if (Array.Find(built, static path => !File.Exists(path)) is { } absent)
        {
            missing = $"there is no {absent}; make it with: for p in silo gateway bench; do dotnet build -c {BuildOutput.Configuration} $p -p:Engine=orleans; done";
            return null;
        }

        return PostgresPrograms.Find(out missing) is { } postgres ? new ClusterPrograms(built[0], built[1], built[2], postgres) : null;
    }
}
