namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>
/// Silo and gateway as built with <c>-p:Engine=orleans</c>. These tests are built with the embedded engine; what they start is another build, found in the
/// repository's <c>artifacts/orleans/bin</c>, or where <c>IOT_ORLEANS_BIN</c> says: a folder with <c>Silo</c> and <c>Gateway</c> in it.
/// </summary>
internal sealed class OrleansBuild
{
    private OrleansBuild(string silo, string gateway) => (Silo, Gateway) = (silo, gateway);

    /// <summary>The silo's program.</summary>
    public string Silo { get; }

    /// <summary>The gateway's program.</summary>
    public string Gateway { get; }

    /// <param name="missing">Why there is none; null when there is.</param>
    public static OrleansBuild? Find(out string? missing)
    {
        var folder = Environment.GetEnvironmentVariable("IOT_ORLEANS_BIN") ?? Path.Combine(Artifacts(), "orleans", "bin");
        if (Newest(folder, "Silo") is { } silo && Newest(folder, "Gateway") is { } gateway)
        {
            missing = null;
            return new OrleansBuild(silo, gateway);
        }

        missing = $"There is no silo and gateway in {folder}: build with -p:Engine=orleans first (dotnet build gateway -p:Engine=orleans).";
        return null;
    }

    // Of the configurations, what was built last is what is to be tested.
    private static string? Newest(string folder, string project) =>
        Candidates(folder, project).Where(File.Exists).OrderByDescending(File.GetLastWriteTimeUtc).FirstOrDefault();

    private static IEnumerable<string> Candidates(string folder, string project)
    {
        var file = $"IotPlatform.{project}.dll";
        yield return Path.Combine(folder, project, file);
        yield return Path.Combine(folder, project, "debug", file);
        yield return Path.Combine(folder, project, "release", file);
    }

    // The tests run in artifacts/embedded/bin/E2e.Tests/debug.
    private static string Artifacts()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && folder.Name != "artifacts")
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? Path.Combine(AppContext.BaseDirectory, "artifacts");
    }
}
