using System.Diagnostics;

namespace IotPlatform.Fuzz;

/// <summary>
/// Clients that say anything, to a whole gateway in memory. Whatever they say: nothing throws, every connection ends or answers, what the server says is right,
/// and nothing is left of them.
/// </summary>
public static class SessionFuzz
{
    /// <summary>As much as it takes until what a process makes once has been made.</summary>
    private const int WarmUpPacketsMax = 20_000;

    /// <summary>Runs until so many packets have been sent.</summary>
    public static async Task<FuzzReport> RunAsync(FuzzOptions options)
    {
        var findings = new Findings();

        // What others of this process have left is none of its findings.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var unobserved = new UnobservedExceptions(findings);
        await using var host = await FuzzHost.StartAsync(findings);
        await RunAsync(host, findings, options with { Seed = ~options.Seed, Packets = Math.Min(options.Packets / 5, WarmUpPacketsMax) });
        var before = await SettledHeapAsync(host);
        var began = Stopwatch.GetTimestamp();
        var counts = await RunAsync(host, findings, options);
        var elapsed = Stopwatch.GetElapsedTime(began);
        var after = await SettledHeapAsync(host);
        CheckNothingIsLeft(host, findings);
        if (after - before > FuzzOptions.HeapGrowthBytesMax)
        {
            findings.Add($"the heap grew from {before} to {after} bytes");
        }

        return new FuzzReport
        {
            Seed = options.Seed,
            Packets = counts.Packets,
            Mutated = counts.Mutated,
            Connections = counts.Connections,
            Accepted = counts.Accepted,
            Elapsed = elapsed,
            HeapBytesBefore = before,
            HeapBytesAfter = after,
            Exceptions = findings.Exceptions,
            Findings = findings.All,
        };
    }

    /// <summary>Plays one connection of a run, alone.</summary>
    /// <returns>What it found, and what was written, as it was split.</returns>
    public static async Task<(IReadOnlyList<string> Findings, IReadOnlyList<byte[]> Written)> ReplayAsync(int seed, int number)
    {
        var findings = new Findings();
        await using var host = await FuzzHost.StartAsync(findings);
        var life = new Life(host, findings, seed, number) { Written = [] };
        await life.RunAsync();
        await host.SettleAsync();
        CheckNothingIsLeft(host, findings);
        return (findings.All, life.Written);
    }

    private static async Task<Counts> RunAsync(FuzzHost host, Findings findings, FuzzOptions options)
    {
        var counts = new Counts();
        using var done = new CancellationTokenSource();
        var clock = host.RunClockAsync(done.Token);
        await Task.WhenAll(Enumerable.Range(0, options.Clients).Select(_ => Task.Run(async () =>
        {
            while (counts.Packets < options.Packets)
            {
                var life = new Life(host, findings, options.Seed, counts.NextConnection());
                await life.RunAsync();
                counts.Add(life);
            }
        })));
        await done.CancelAsync();
        await clock;
        return counts;
    }

    private static async Task<long> SettledHeapAsync(FuzzHost host)
    {
        await host.SettleAsync();
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static void CheckNothingIsLeft(FuzzHost host, Findings findings)
    {
        foreach (var gauge in host.Gauges.NotZero)
        {
            findings.Add($"when all connections were gone, {gauge}");
        }

        if (host.Sessions > 0 || host.Filters > 0)
        {
            findings.Add($"when all connections were gone, {host.Sessions} sessions and {host.Filters} filters were left");
        }
    }

    private sealed class Counts
    {
        private long _packets;
        private long _mutated;
        private long _accepted;
        private int _connections;

        public long Packets => Interlocked.Read(ref _packets);

        public long Mutated => _mutated;

        public long Accepted => _accepted;

        public int Connections => _connections;

        public int NextConnection() => Interlocked.Increment(ref _connections);

        public void Add(Life life)
        {
            Interlocked.Add(ref _packets, life.Sent);
            Interlocked.Add(ref _mutated, life.Mutated);
            Interlocked.Add(ref _accepted, life.IsAccepted ? 1 : 0);
        }
    }
}
