namespace IotPlatform.Storage;

/// <summary>How long calls wait for a store that is away.</summary>
internal static class StoreWait
{
    /// <summary>From the call to its answer, whatever happens: below what callers of grains wait for theirs.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    /// <summary>No attempt begins later than this after the call, so that the last one still has time to succeed.</summary>
    public static readonly TimeSpan LastAttemptAfter = TimeSpan.FromSeconds(4);

    /// <summary>An attempt ends here; the rest is for telling the caller.</summary>
    public static readonly TimeSpan AttemptEndsAfter = TimeSpan.FromSeconds(4.8);

    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(320);

    /// <summary>The pause before an attempt: doubled from one to the next, and not the same in every process.</summary>
    /// <param name="failures">Attempts that have failed so far; at least one.</param>
    public static TimeSpan DelayAfter(int failures)
    {
        var delay = DelayMin * (1 << Math.Min(failures - 1, 4));
        delay = delay < DelayMax ? delay : DelayMax;
        return delay * (0.5 + (0.5 * Random.Shared.NextDouble()));
    }
}
