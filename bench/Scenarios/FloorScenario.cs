using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Scenarios;

/// <summary>The yardstick alone: what this machine, and this load generator, let a server reach at most.</summary>
internal sealed class FloorScenario : IScenario
{
    public string Name => "floor";

    public string Summary => "the least server that can do the same sends, alone, under the load of another scenario";

    public IReadOnlyList<string> Options { get; } = ["--load NAME        wide (default), deep or connect, with the options of that scenario"];

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var load = arguments.Text("load") ?? "wide";
        var comparison = new Comparison($"{Name}-{load}", ComparisonOptions.ReadFloorOnly(arguments), output);
        return Task.FromResult(load switch
        {
            "wide" => Broadcast(comparison, arguments, BroadcastOptions.Wide),
            "deep" => Broadcast(comparison, arguments, BroadcastOptions.Deep),
            "connect" => Connect(comparison, arguments),
            _ => throw new ArgumentException($"--load {load} is none of wide, deep and connect"),
        });
    }

    private static bool Broadcast(Comparison comparison, Arguments arguments, Func<Arguments, BroadcastLoad> read)
    {
        var load = read(arguments);
        arguments.RefuseUnread();
        return comparison.Broadcast(load);
    }

    private static bool Connect(Comparison comparison, Arguments arguments)
    {
        var load = ConnectOptions.Read(arguments);
        arguments.RefuseUnread();
        return comparison.Connect(load);
    }
}
