using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Scenarios;

/// <summary>What broadcasts to very many devices cost others in time: messages for single devices, and answers to PINGREQ.</summary>
internal sealed class FairnessScenario : IScenario
{
    public string Name => "fairness";

    public string Summary => "device messages and PINGREQs of 64 devices while broadcasts go to 10,000 others, one behind the other";

    public IReadOnlyList<string> Options { get; } =
    [
        "--connections N    devices that get broadcasts (default 10,000)",
        "--probes N         devices that are looked at, and get the broadcasts too (default 64)",
        "--rate N           PINGREQs a second of all of these, and as many messages for them (default 200)",
        "--seconds S        how long that is measured (default 10)",
        "--warm-up N        broadcasts before those that are measured (default 100)",
        "--payload N        bytes, at least 8 (default 64)",
    ];

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var smoke = arguments.Switch("smoke");
        var load = BroadcastOptions.Wide(arguments);
        var probes = new ProbeLoad(
            arguments.Number("probes", smoke ? 8 : 64, min: 1, max: 10_000), arguments.Number("rate", smoke ? 50 : 200, min: 1, max: 100_000), load.PayloadBytes, load.Patience);
        load = load with { Others = probes.Devices, Duration = load.Duration ?? TimeSpan.FromSeconds(smoke ? 1 : 10) };
        var comparison = new Comparison(Name, ComparisonOptions.Read(arguments), output);
        arguments.RefuseUnread();
        return Task.FromResult(comparison.Run((server, faults) => Measure(server, load, probes, faults)));
    }

    private static Figures Measure(IServer server, BroadcastLoad load, ProbeLoad probes, Faults faults)
    {
        using var probe = new ProbeRun(server, probes);
        probe.Connect();
        using var run = new BroadcastRun(server, load, faults) { BroadcastsBegin = probe.Start, MeasurementBegins = probe.Begin };
        var figures = run.Run();
        probe.AddTo(figures, faults);
        return figures;
    }
}
