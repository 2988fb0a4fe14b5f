using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Scenarios;

/// <summary>What devices that do not read cost those that do, and the server's memory.</summary>
internal sealed class SlowScenario : IScenario
{
    private static readonly int[] Percents = [0, 1, 10];
    private static readonly string[] Modes = ["broadcast", "topic"];

    public string Name => "slow";

    public string Summary => "5,000 devices, of which 0 %, 1 % and 10 % do not read: latency of the others, and memory";

    public IReadOnlyList<string> Options =>
    [
        "--connections N    devices (5,000)",
        "--rate N           messages to all of them in a second (10)",
        "--seconds S        how long that is measured (10)",
        "--payload N        bytes (4,096)",
        "--prefill N        bytes for each device before it is measured: more than kernel and gateway hold for one that does not read (4,000,000)",
        "--pending N        Mqtt:PendingBytesMax of the gateway (65,536)",
        "--mode M           broadcast: of a service; topic: what one client publishes, and all are subscribed to at QoS 0 (default: both)",
        "--rounds N         every share N times, in turns (3); the ratios are of the medians",
        "--server PATH      the gateway to run (default: the one that was built beside this program)",
        "--smoke            small sizes: checks that everything arrives, measures nothing worth keeping",
    ];

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var smoke = arguments.Switch("smoke");
        var devices = arguments.Number("connections", smoke ? 200 : 5_000, 10, 100_000);
        var rate = arguments.Number("rate", 10, 1, 10_000);
        var duration = arguments.Seconds("seconds") ?? TimeSpan.FromSeconds(smoke ? 1 : 10);
        var payload = arguments.Number("payload", 4_096, PayloadPattern.BytesMin, 65_536);
        var pending = arguments.Number("pending", 65_536, 1_024, 16 * 1024 * 1024);
        var prefill = arguments.Number("prefill", 4_000_000, 0, int.MaxValue);
        var mode = arguments.Text("mode");
        var rounds = arguments.Number("rounds", smoke ? 1 : 3, 1, 100);
        var kind = new GatewayKind(
            Path.GetFullPath(arguments.Text("server") ?? GatewayKind.DefaultPath()),
            settings: new Dictionary<string, string> { ["Mqtt__PendingBytesMax"] = $"{pending}" });
        arguments.RefuseUnread();
        if (mode is not null && !Modes.Contains(mode))
        {
            throw new ArgumentException($"{mode} is no mode");
        }

        var isRight = true;
        foreach (var each in Modes.Where(known => mode is null || mode == known))
        {
            var topic = each == "topic" ? "slow/all"u8.ToArray() : null;
            SlowLoad LoadOf(int percent) => new(
                devices, devices * percent / 100, rate, duration, payload, prefill, topic);
            isRight &= Run(kind, each, LoadOf, rounds, output);
        }

        return Task.FromResult(isRight);
    }

    // In turns: what else the machine does falls on all alike.
    private bool Run(GatewayKind kind, string mode, Func<int, SlowLoad> loadOf, int rounds, TextWriter output)
    {
        var measured = Percents.ToDictionary(static percent => percent, static _ => new List<Figures>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var percent in Percents)
            {
                if (Measure(kind, loadOf(percent)) is not { } figures)
                {
                    return false;
                }

                measured[percent].Add(figures);
                Print(mode, percent, "ok", figures, output);
            }
        }

        var none = Figures.MedianOf(measured[0]);
        foreach (var percent in Percents)
        {
            var median = Figures.MedianOf(measured[percent]);
            median.AddRatio("ratio_p50", "device_ms_p50", none);
            median.AddRatio("ratio_p99", "device_ms_p99", none);
            Print(mode, percent, $"median_of_{rounds}", median, output);
        }

        return true;
    }

    private Figures? Measure(GatewayKind kind, SlowLoad load)
    {
        var faults = new Faults();
        if (kind.WhyAbsent() is { } reason)
        {
            Console.Error.WriteLine($"{Name}: {reason}");
            return null;
        }

        using var server = kind.Start();
        using var run = new SlowRun(server, load, faults);
        var figures = run.Run();
        foreach (var told in faults.Told)
        {
            Console.Error.WriteLine($"{Name}: {told}");
        }

        if (faults.Count > 0)
        {
            Console.Error.WriteLine(server.LogTail);
        }

        return faults.Count == 0 ? figures : null;
    }

    private void Print(string mode, int percent, string result, Figures figures, TextWriter output)
    {
        var line = new ResultLine().Add("scenario", Name).Add("target", "gateway").Add("result", result).Add("mode", mode).Add("stalled_percent", percent);
        figures.AppendTo(line);
        output.WriteLine(line);
        output.Flush();
    }
}
