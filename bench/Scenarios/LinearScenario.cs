using System.Globalization;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Scenarios;

/// <summary>Whether a delivery costs the same however many connections there are.</summary>
internal sealed class LinearScenario : IScenario
{
    private const int Deliveries = 300_000;
    private const int SmokeDeliveries = 4_000;

    // Here all code is compiled.
    private const int FirstShare = 3;

    private static readonly string[] Measured = ["server_cpu_us", "rate"];

    public string Name => "linear";

    public string Summary => "one broadcast at a time to 1,000, 2,000, 5,000, 10,000 and 15,000 devices: CPU time a delivery, and by how much it differs";

    public IReadOnlyList<string> Options { get; } =
    [
        "--sizes N,N,...    connections, one after the other to one server (default 1000,2000,5000,10000,15000)",
        "--deliveries N     deliveries that are measured at each size (default 300,000), after as many others, thrice at the first",
        "--payload N        bytes, at least 8 (default 64)",
    ];

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var smoke = arguments.Switch("smoke");
        var sizes = Sizes(arguments.Text("sizes") ?? (smoke ? "100,200" : "1000,2000,5000,10000,15000"));
        var deliveries = arguments.Number("deliveries", smoke ? SmokeDeliveries : Deliveries, min: 1, max: 1_000_000_000);
        var load = BroadcastOptions.Wide(arguments);
        var comparison = new Comparison(Name, ComparisonOptions.Read(arguments), output) { MoreRatios = [.. sizes.Select(static size => ($"ratio_cpu_{size}", $"server_cpu_us_{size}"))] };
        arguments.RefuseUnread();
        return Task.FromResult(comparison.Run((server, faults) => Measure(server, sizes, size => load with
        {
            Devices = size,
            Broadcasts = Math.Max(1, deliveries / size),
            WarmUp = Math.Max(1, (size == sizes[0] ? FirstShare : 1) * deliveries / size),
        }, faults)));
    }

    // In one process, whose code is compiled for good with the first and smallest number.
    private static Figures Measure(IServer server, int[] sizes, Func<int, BroadcastLoad> loadOf, Faults faults)
    {
        var (figures, costs) = (new Figures(), new List<double>());
        foreach (var size in sizes)
        {
            using var run = new BroadcastRun(server, loadOf(size), faults);
            var measured = run.Run();
            run.Disconnect();
            foreach (var key in Measured)
            {
                figures.Add($"{key}_{size}", measured.Find(key)!.Value);
            }

            costs.Add(measured.Find("server_cpu_us")!.Value);
        }

        return figures.Add("max_by_mean", costs.Max() / costs.Average()).Add("min_by_mean", costs.Min() / costs.Average());
    }

    private static int[] Sizes(string text) => Array.ConvertAll(text.Split(','), static word =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1_000_000
            ? number
            : throw new ArgumentException("--sizes is a list of numbers from 1 to 1000000"));
}
