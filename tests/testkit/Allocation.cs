namespace IotPlatform.Testkit;

/// <summary>What code allocates each time it runs.</summary>
public static class Allocation
{
    private const int Runs = 1_000;
    private const int AttemptsMax = 3;

    /// <summary>
    /// Bytes that <paramref name="action"/> allocates on this thread in a thousand runs, after a first one. The least of some attempts: what each run allocates is in all
    /// of them, and what the runtime allocates once on whichever thread it is (a method compiled anew, a lock that has to wait for the first time) in one.
    /// </summary>
    public static long Of(Action action)
    {
        action();
        var least = long.MaxValue;
        for (var attempt = 0; attempt < AttemptsMax && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Runs; i++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
