using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Scenarios;

/// <summary>The yardstick alone: what this machine, and this load generator, let a server reach at most.</summary>
internal sealed class FloorScenario : IScenario
{
    public string Name => "floor";

    public string Summary => "the least server that can do the same sends, under the load of broadcast-wide or (--deep) broadcast-deep";

    public IReadOnlyList<string> Options { get; } = ["--deep             the load of broadcast-deep", .. BroadcastOptions.Help];

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var deep = arguments.Switch("deep");
        var load = deep ? BroadcastOptions.Deep(arguments) : BroadcastOptions.Wide(arguments);
        var comparison = new Comparison(deep ? "floor-deep" : "floor-wide", ComparisonOptions.ReadFloorOnly(arguments), output);
        arguments.RefuseUnread();
        return Task.FromResult(comparison.Run((server, faults) =>
        {
            using var run = new BroadcastRun(server, load, faults);
            return run.Run();
        }));
    }
}
