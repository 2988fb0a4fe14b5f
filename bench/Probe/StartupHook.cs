using IotPlatform.Bench.Probe;

// The runtime looks for this name, outside of any namespace, in the assembly that DOTNET_STARTUP_HOOKS names, and runs it before the program's own Main.
// That is how the benchmark looks into servers that know nothing of it.
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(ProbeServer.PathVariable) is { Length: > 0 } path)
        {
            ProbeServer.Start(path);
        }
    }
}
