using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Scenarios;

namespace IotPlatform.Bench.Engine;

/// <summary>How many devices one process holds: a whole gateway with its grains and its store, and devices without sockets.</summary>
internal sealed class SessionsScenario : IScenario
{
    private const int FirstDevices = 1_000;

    public string Name => "sessions";

    public string Summary => "100,000 devices, connected in memory to a gateway in this process: memory of all, and CPU time when they are idle";

    public IReadOnlyList<string> Options =>
    [
        "--count N          devices (100,000)",
        "--seconds S        how long the idle process is watched (10)",
        "--smoke            2,000 devices",
    ];

    public async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var smoke = arguments.Switch("smoke");
        var count = arguments.Number("count", smoke ? 2 * FirstDevices : 100_000, FirstDevices + 1, 10_000_000);
        var watched = arguments.Seconds("seconds") ?? TimeSpan.FromSeconds(smoke ? 1 : 10);
        arguments.RefuseUnread();
        await using var gateway = await MemoryGateway.StartAsync();
        using var fleet = new MemoryFleet(gateway);
        try
        {
            await output.WriteLineAsync((await MeasureAsync(gateway, fleet, count, watched)).ToString());
            return true;
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync($"{Name}: {exception.Message}");
            return false;
        }
    }

    private async Task<ResultLine> MeasureAsync(MemoryGateway gateway, MemoryFleet fleet, int count, TimeSpan watched)
    {
        // With the first devices comes the code that serves all.
        await fleet.ConnectAsync(FirstDevices);
        var (heapBefore, residentBefore) = Settled();
        var (startedAt, cpuBefore) = (Stopwatch.GetTimestamp(), ProcessMeter.Own.Cpu());
        await fleet.ConnectAsync(count);
        var (elapsed, cpu) = (Stopwatch.GetElapsedTime(startedAt), ProcessMeter.Own.Cpu() - cpuBefore);
        var (heap, resident) = Settled();
        var added = count - FirstDevices;
        var idle = await IdleShareAsync(watched);
        if (gateway.Shards.ConnectionCount != count || fleet.Devices.Any(static device => !device.IsOnline))
        {
            throw new IOException($"of {count} devices the gateway has {gateway.Shards.ConnectionCount} connections at the end");
        }

        return new ResultLine()
            .Add("scenario", Name).Add("target", "embedded").Add("result", "ok").Add("connections", count)
            .Add("rate", added / elapsed.TotalSeconds).Add("cpu_us", cpu.TotalMicroseconds / added)
            .Add("heap_kb_per_connection", (heap - heapBefore) / 1024.0 / added).Add("rss_kb_per_connection", (resident - residentBefore) / (double)added)
            .Add("rss_mb", resident / 1024.0).Add("silent_cpu_percent", 100 * idle);
    }

    private static (long HeapBytes, long ResidentKilobytes) Settled()
    {
        for (var round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return (GC.GetTotalMemory(forceFullCollection: false), ProcessMeter.Own.ResidentKilobytes());
    }

    private static async Task<double> IdleShareAsync(TimeSpan watched)
    {
        ProcessMeter.Own.WaitUntilQuiet(TimeSpan.FromSeconds(10));
        var (startedAt, cpu) = (Stopwatch.GetTimestamp(), ProcessMeter.Own.Cpu());
        await Task.Delay(watched);
        return (ProcessMeter.Own.Cpu() - cpu) / Stopwatch.GetElapsedTime(startedAt);
    }
}
