using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Scenarios;

/// <summary>What a device costs that is connected and has nothing to say.</summary>
internal sealed class IdleScenario : IScenario
{
    public string Name => "idle";

    public string Summary => "15,000 devices that are only connected: memory of each, CPU time without PINGREQs and with one a minute each";

    public IReadOnlyList<string> Options { get; } =
    [
        "--connections N    devices (default 15,000)",
        "--interval S       seconds within which each device sends a PINGREQ, a third of its keep-alive (default 60)",
        "--seconds S        how long the server is watched, without PINGREQs and then with (default 10)",
    ];

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var smoke = arguments.Switch("smoke");
        var load = new IdleLoad(
            arguments.Number("connections", smoke ? 200 : 15_000, min: 2, max: 1_000_000),
            TimeSpan.FromSeconds(arguments.Number("interval", smoke ? 10 : 60, min: 1, max: 20_000)),
            arguments.Seconds("seconds") ?? TimeSpan.FromSeconds(smoke ? 1 : 10),
            WarmUp: TimeSpan.FromSeconds(smoke ? 0.2 : 3),
            Patience: TimeSpan.FromSeconds(10));
        var comparison = new Comparison(Name, ComparisonOptions.Read(arguments, isProbed: true), output);
        arguments.RefuseUnread();
        if (load.Duration > load.PingInterval)
        {
            throw new ArgumentException("--seconds is at most --interval: a device that is silent for longer is disconnected");
        }

        return Task.FromResult(comparison.Run((server, faults) =>
        {
            using var run = new IdleRun(server, load, faults);
            return run.Run();
        }));
    }
}
