using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Scenarios;

/// <summary>A connect storm: all devices come at once, first unknown to the server, then as those it has seen before.</summary>
internal sealed class ConnectScenario : IScenario
{
    private const int SmokeDevices = 200;

    public string Name => "connect";

    public string Summary => "10,000 devices connect at once, disconnect, and connect again (again_ figures)";

    public IReadOnlyList<string> Options { get; } =
    [
        "--connections N    devices that connect (default 10,000)",
        "--connecting N     devices on their way at a time (default: all)",
        "--warm-up N        devices that connect and disconnect before the measurement (default 2,000)",
        "--patience S       seconds without any progress after which the rest counts as lost (default 10)",
    ];

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var load = Read(arguments);
        var comparison = new Comparison(Name, ComparisonOptions.Read(arguments), output);
        arguments.RefuseUnread();
        return Task.FromResult(comparison.Run((server, faults) =>
        {
            using var run = new ConnectRun(server, load, faults);
            return run.Run();
        }));
    }

    private static ConnectLoad Read(Arguments arguments)
    {
        var smoke = arguments.Switch("smoke");
        var devices = arguments.Number("connections", smoke ? SmokeDevices : 10_000, min: 1, max: 1_000_000);
        return new ConnectLoad(
            devices,
            arguments.Number("connecting", otherwise: devices, min: 1, max: devices),
            arguments.Number("warm-up", smoke ? SmokeDevices : 2_000, min: 1, max: 100_000),
            arguments.Seconds("patience") ?? TimeSpan.FromSeconds(10));
    }
}
