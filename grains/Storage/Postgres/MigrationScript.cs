namespace IotPlatform.Storage.Postgres;

/// <summary>One step of a schema.</summary>
/// <param name="Group">The group that it belongs to.</param>
/// <param name="Version">The schema's version after it: 1 for the first.</param>
/// <param name="Name">Its file's name, without the extension.</param>
/// <param name="Sql">Its statements.</param>
public sealed record MigrationScript(string Group, int Version, string Name, string Sql)
{
    /// <summary>Which it is, without its statements.</summary>
    public override string ToString() => $"{Group}/{Name}";
}
