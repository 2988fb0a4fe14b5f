using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Scenarios;

/// <summary>What acknowledgements cost: the same broadcasts to the same devices of the same server at QoS 0, then at QoS 1.</summary>
internal sealed class BroadcastAckedScenario : IScenario
{
    public string Name => "broadcast-acked";

    public string Summary => "one broadcast at a time to 10,000 devices, 60 times at QoS 0 and 60 times at QoS 1 until every PUBACK is read";

    public IReadOnlyList<string> Options => BroadcastOptions.Help;

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var load = BroadcastOptions.Wide(arguments);
        var comparison = new Comparison(Name, ComparisonOptions.Read(arguments), output);
        arguments.RefuseUnread();
        return Task.FromResult(comparison.Run((server, faults) => Measure(server, load, faults)));
    }

    private static Figures Measure(IServer server, BroadcastLoad load, Faults faults)
    {
        var unacknowledged = Measure(server, load, qos: 0, faults);
        var figures = Measure(server, load, qos: 1, faults);
        figures.AddRatio("rate_by_qos0", "rate", unacknowledged);
        figures.AddRatio("cpu_by_qos0", "server_cpu_us", unacknowledged);
        return figures;
    }

    private static Figures Measure(IServer server, BroadcastLoad load, int qos, Faults faults)
    {
        using var run = new BroadcastRun(server, load with { Qos = qos, Letter = qos == 0 ? 'd' : 'e' }, faults);
        var figures = run.Run();
        run.Disconnect();
        return figures;
    }
}
