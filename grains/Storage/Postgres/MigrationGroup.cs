using System.Collections.Immutable;
using System.Reflection;

namespace IotPlatform.Storage.Postgres;

/// <summary>Scripts that belong together and are numbered by themselves: one schema of possibly several in a database.</summary>
/// <param name="Name">What the database remembers the group's version by.</param>
/// <param name="Scripts">In the order in which they are applied.</param>
public sealed record MigrationGroup(string Name, ImmutableArray<MigrationScript> Scripts)
{
    /// <summary>The version that this program knows.</summary>
    public int Version => Scripts.Length;

    /// <summary>The scripts among the resources of an assembly, in the order of their names: <c>0001_initial.sql</c> is the first.</summary>
    /// <param name="name">The group's name.</param>
    /// <param name="assembly">Where the scripts are.</param>
    /// <param name="resourcePrefix">What the names of all of them, and of no other resource, begin with.</param>
    public static MigrationGroup FromResources(string name, Assembly assembly, string resourcePrefix)
    {
        var resources = assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(resourcePrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        return new MigrationGroup(name, [.. resources.Select((resource, i) =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return new MigrationScript(name, i + 1, Path.GetFileNameWithoutExtension(resource[resourcePrefix.Length..]), reader.ReadToEnd());
        })]);
    }
}
