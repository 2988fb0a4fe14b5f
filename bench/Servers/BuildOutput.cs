namespace IotPlatform.Bench.Servers;

/// <summary>Where the build puts programs: beside this one, under the same configuration, in a folder an engine.</summary>
internal static class BuildOutput
{
    // artifacts/{engine}/bin/Bench/{configuration}
    private static readonly DirectoryInfo Own = new(AppContext.BaseDirectory.TrimEnd('/'));

    /// <summary>The engine that this program was built with.</summary>
    public static string OwnEngine => Own.Parent!.Parent!.Parent!.Name;

    /// <summary>The configuration that this program was built in.</summary>
    public static string Configuration => Own.Name;

    /// <summary>The folder with the programs of an engine.</summary>
    public static string FolderOf(string engine) => Path.Combine(Own.Parent!.Parent!.Parent!.Parent!.FullName, engine, "bin");

    /// <summary>A program in such a folder.</summary>
    public static string PathOf(string folder, string program) => Path.Combine(folder, program, Configuration, $"IotPlatform.{program}.dll");
}
