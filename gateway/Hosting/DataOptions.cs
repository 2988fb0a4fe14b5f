namespace IotPlatform.Hosting;

/// <summary>Where a standalone gateway keeps its data. Section <c>Data</c>.</summary>
public sealed class DataOptions
{
    /// <summary>The folder, made when it is not there. Default <c>data</c>, in the folder that the process is started in.</summary>
    public string Path { get; set; } = "data";

    /// <summary>The database file.</summary>
    public string DatabaseFile => System.IO.Path.Combine(Path, "iot.db");

    /// <summary>The file that keeps the first key.</summary>
    public string AdminKeyFile => System.IO.Path.Combine(Path, "admin.key");
}
