using System.Globalization;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Scenarios;

/// <summary>Whether a delivery costs the same however many connections there are.</summary>
internal sealed class LinearScenario : IScenario
{
    private const int MeasuredDeliveries = 600_000;
    private const int SmokeDeliveries = 4_000;

    public string Name => "linear";

    public string Summary => "one broadcast at a time to 1,000, 2,000, 5,000, 10,000 and 15,000 devices: CPU time a delivery, and by how much it differs";

    public IReadOnlyList<string> Options { get; } =
    [
        "--sizes N,N,...    connections (default 1000,2000,5000,10000,15000)",
        "--deliveries N     deliveries that are measured at each size (default 600,000), after as many others",
        "--payload N        bytes, at least 8 (default 64)",
    ];

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var smoke = arguments.Switch("smoke");
        var sizes = Sizes(arguments.Text("sizes") ?? (smoke ? "100,200" : "1000,2000,5000,10000,15000"));
        var deliveries = arguments.Number("deliveries", smoke ? SmokeDeliveries : MeasuredDeliveries, min: 1, max: 1_000_000_000);
        var options = ComparisonOptions.Read(arguments);
        var load = BroadcastOptions.Wide(arguments);
        arguments.RefuseUnread();
        var spreads = new Dictionary<string, CostSpread>();
        foreach (var size in sizes)
        {
            var comparison = new Comparison(Name, options, output);
            var broadcasts = Math.Max(1, deliveries / size);
            if (!comparison.Broadcast(load with { Devices = size, Broadcasts = broadcasts, WarmUp = broadcasts }))
            {
                return Task.FromResult(false);
            }

            foreach (var (target, figures) in comparison.Medians())
            {
                spreads.TryAdd(target, new CostSpread());
                spreads[target].Add(size, figures);
            }
        }

        foreach (var (target, spread) in spreads)
        {
            output.WriteLine(spread.AppendTo(new ResultLine().Add("scenario", Name).Add("target", target).Add("result", "spread")));
        }

        return Task.FromResult(true);
    }

    private static int[] Sizes(string text) => Array.ConvertAll(text.Split(','), static word =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1_000_000
            ? number
            : throw new ArgumentException("--sizes is a list of numbers from 1 to 1000000"));
}
