using System.Diagnostics;

namespace IotPlatform.E2e.Tests.Grpc;

/// <summary>Runs scripts against the packages that <c>tests/e2e/clients</c> pins.</summary>
internal static class NodeClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    private static string Modules => Path.Combine(Root, "tests", "e2e", "clients", "node_modules");

    /// <summary>Why scripts that need a package can not run here; null when they can.</summary>
    public static string? WhyNot(string package)
    {
        if (!HasNode())
        {
            return "node is not installed.";
        }

        return Directory.Exists(Path.Combine(Modules, package)) ? null : $"{package} is not installed: run npm ci in tests/e2e/clients.";
    }

    /// <summary>Runs a script to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Root, script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = Modules;
        using var node = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Patience);
        using var kill = timeout.Token.Register(() => node.Kill(entireProcessTree: true));
        var output = node.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = node.StandardError.ReadToEndAsync(CancellationToken.None);
        await node.WaitForExitAsync(CancellationToken.None);
        return (node.ExitCode, await output + await errors);
    }

    private static bool HasNode() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "node")) || File.Exists(Path.Combine(folder, "node.exe")));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orleans.IotPlatform.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }
}
