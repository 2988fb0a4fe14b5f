using System.Diagnostics;
using System.Globalization;

namespace IotPlatform.Testkit;

/// <summary>Where PostgreSQL's server programs are on this machine, and how to run them: the server refuses to be root.</summary>
public sealed class PostgresPrograms
{
    private static readonly string[] Needed = ["initdb", "postgres"];
    private static readonly string[] Users = ["postgres", "nobody"];

    private readonly string _folder;
    private readonly string? _user;

    private PostgresPrograms(string folder, string? user) => (_folder, _user) = (folder, user);

    /// <summary>Finds the programs.</summary>
    /// <param name="missing">What is missing on this machine; null when nothing is.</param>
    public static PostgresPrograms? Find(out string? missing)
    {
        var folder = Candidates().FirstOrDefault(static candidate => Array.TrueForAll(Needed, program => File.Exists(Path.Combine(candidate, program))));
        if (folder is null)
        {
            missing = "PostgreSQL's server programs (initdb, postgres) are not installed; Debian's package is postgresql.";
            return null;
        }

        var user = Environment.IsPrivilegedProcess ? Array.Find(Users, Exists) : null;
        if (Environment.IsPrivilegedProcess && (user is null || !File.Exists("/usr/bin/setpriv")))
        {
            missing = "PostgreSQL's server can not run as root, and there is no user postgres or nobody, or no setpriv, to run it otherwise.";
            return null;
        }

        missing = null;
        return new PostgresPrograms(folder, user);
    }

    /// <summary>The words of a command line that runs a program as a user who may.</summary>
    public IEnumerable<string> CommandLine(string program, IEnumerable<string> arguments)
    {
        IEnumerable<string> command = [Path.Combine(_folder, program), .. arguments];
        return _user is null ? command : ["/usr/bin/setpriv", $"--reuid={_user}", $"--regid={GroupOf(_user)}", "--clear-groups", "--", .. command];
    }

    /// <summary>Gives a folder to the user that the programs run as.</summary>
    public void Own(string folder)
    {
        if (_user is not null)
        {
            Run(["chown", "-R", $"{_user}:{GroupOf(_user)}", folder]);
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It failed; says with what.</exception>
    public static string Run(IEnumerable<string> command)
    {
        var (exitCode, output) = TryRun(command);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)} failed: {output}");
    }

    private static IEnumerable<string> Candidates()
    {
        // The client's package has a pg_config too, which may point at programs that are not there.
        if (TryRun(["pg_config", "--bindir"]) is (0, var folder))
        {
            yield return folder.Trim();
        }

        const string debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(debian) ? Directory.GetDirectories(debian) : [];
        foreach (var version in versions.OrderByDescending(static path => double.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number) ? number : 0))
        {
            yield return Path.Combine(version, "bin");
        }
    }

    private static bool Exists(string user) => TryRun(["id", "-u", user]).ExitCode == 0;

    private static string GroupOf(string user) => Run(["id", "-g", user]).Trim();

    private static (int ExitCode, string Output) TryRun(IEnumerable<string> command)
    {
        var start = new ProcessStartInfo(command.First(), command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };

        // A folder that another user may not look into stops some programs.
        start.WorkingDirectory = "/";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return (-1, exception.Message);
        }
    }
}
