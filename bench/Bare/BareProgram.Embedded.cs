namespace IotPlatform.Bench.Bare;

/// <summary>Orleans without the platform: not in a build of the embedded engine.</summary>
internal static class BareProgram
{
    /// <summary>Runs what the command line names, if that is a part of it; null otherwise.</summary>
    public static Task<int>? TryRun(string[] words) => null;
}
