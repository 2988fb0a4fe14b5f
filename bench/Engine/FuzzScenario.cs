using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Scenarios;
using IotPlatform.Fuzz;

namespace IotPlatform.Bench.Engine;

/// <summary>Clients that say anything, to a whole gateway in this process: what goes wrong, and what is left of them.</summary>
internal sealed class FuzzScenario : IScenario
{
    private const int SmokePackets = 20_000;

    public string Name => "fuzz";

    public string Summary => "a million packets, many of them changed on their way, to a gateway in memory: exceptions, stuck connections, and memory";

    public IReadOnlyList<string> Options =>
    [
        "--count N          packets (1,000,000)",
        "--seed N           what they follow from (default: drawn, and printed)",
        "--clients N        connections at a time (16)",
        "--connection N     play that connection of --seed alone, and print what it sends",
        "--smoke            20,000 packets",
    ];

    public async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var count = arguments.Number("count", arguments.Switch("smoke") ? SmokePackets : 1_000_000, 1, int.MaxValue);
        var seed = arguments.Number("seed", Random.Shared.Next(), 0, int.MaxValue);
        var clients = arguments.Number("clients", 16, 1, 1_000);
        var connection = arguments.Number("connection", 0, 1, int.MaxValue);
        arguments.RefuseUnread();
        if (connection > 0)
        {
            return await ReplayAsync(seed, connection, output);
        }

        var report = await SessionFuzz.RunAsync(new FuzzOptions(count, seed) { Clients = clients });
        foreach (var finding in report.Findings)
        {
            await Console.Error.WriteLineAsync($"fuzz: {finding}");
        }

        await output.WriteLineAsync(new ResultLine()
            .Add("scenario", Name)
            .Add("target", "embedded")
            .Add("result", report.Findings.Count == 0 ? "ok" : "failed")
            .Add("seed", report.Seed)
            .Add("packets", report.Packets)
            .Add("mutated", report.Mutated)
            .Add("connections", report.Connections)
            .Add("accepted", report.Accepted)
            .Add("packets_per_s", report.Packets / report.Elapsed.TotalSeconds)
            .Add("exceptions", report.Exceptions)
            .Add("findings", report.Findings.Count)
            .Add("heap_mb_before", report.HeapBytesBefore / 1048576.0)
            .Add("heap_mb_after", report.HeapBytesAfter / 1048576.0)
            .ToString());
        return report.Findings.Count == 0;
    }

    private static async Task<bool> ReplayAsync(int seed, int connection, TextWriter output)
    {
        var (findings, written) = await SessionFuzz.ReplayAsync(seed, connection);
        foreach (var bytes in written)
        {
            await output.WriteLineAsync(Convert.ToHexString(bytes));
        }

        foreach (var finding in findings)
        {
            await Console.Error.WriteLineAsync($"fuzz: {finding}");
        }

        return findings.Count == 0;
    }
}
