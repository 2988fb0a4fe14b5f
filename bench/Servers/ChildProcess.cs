using System.Diagnostics;

namespace IotPlatform.Bench.Servers;

/// <summary>A server process with its temporary folder and its log; both end with it.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int ToldLinesMax = 20;

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private ChildProcess(Process process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public int Id => _process.Id;

    public StreamReader Output => _process.StandardOutput;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>Makes the folder that a server may keep its data in.</summary>
    public static DirectoryInfo NewFolder() => Directory.CreateTempSubdirectory("iot-bench-");

    /// <summary>Starts a program whose output goes to a file, so that reading it costs the benchmark nothing.</summary>
    public static ChildProcess StartLogged(DirectoryInfo folder, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        // The shell replaces itself with the program, which therefore keeps the process id.
        string[] shell = ["-c", "log=$1; shift; exec \"$@\" > \"$log\" 2>&1 < /dev/null", "sh", LogOf(folder), program, .. arguments];
        return new ChildProcess(Launch(new ProcessStartInfo("/bin/sh", shell), environment), folder);
    }

    /// <summary>Starts a program of this repository, which is an assembly or has been made an executable, in the same way.</summary>
    public static ChildProcess StartProgram(DirectoryInfo folder, string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (host, words) = CommandFor(path, arguments);
        return StartLogged(folder, host, words, environment);
    }

    /// <summary>The command that runs a program of this repository.</summary>
    public static (string Host, IEnumerable<string> Arguments) CommandFor(string path, IEnumerable<string> arguments) =>
        path.EndsWith(".dll", StringComparison.Ordinal) ? (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [path, .. arguments]) : (path, arguments);

    /// <summary>Starts a program that says on its output where it listens, and that ends when its input does.</summary>
    public static ChildProcess StartPiped(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, DirectoryInfo? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new ChildProcess(Launch(start, environment), folder ?? NewFolder());
    }

    /// <summary>Asks again and again until the server serves; throws with the end of its log when it has ended or the limit has passed.</summary>
    public void WaitUntil(Func<bool> serves, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!serves())
        {
            if (_process.HasExited || clock.Elapsed > limit)
            {
                throw new ServerStartException($"the server {(_process.HasExited ? "has ended" : "does not get ready")}. Its log ends with:\n{LogTail()}");
            }

            Thread.Sleep(50);
        }
    }

    /// <summary>Ends the process at once; what it has left lies there until this is disposed.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Kill();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    public string LogTail() =>
        File.Exists(LogOf(_folder)) ? string.Join('\n', File.ReadLines(LogOf(_folder)).TakeLast(ToldLinesMax)) : "";

    private static string LogOf(DirectoryInfo folder) => Path.Combine(folder.FullName, "server.log");

    private static Process Launch(ProcessStartInfo start, IReadOnlyDictionary<string, string>? environment)
    {
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new ServerStartException($"{start.FileName} did not start");
    }

    // An interrupted benchmark leaves nothing behind either.
    private void OnExit(object? sender, EventArgs arguments) => Dispose();
}
