namespace IotPlatform.Bench.Scenarios;

/// <summary>One broadcast at a time to very many devices: what a single delivery costs, and how long the last device waits.</summary>
internal sealed class BroadcastWideScenario : IScenario
{
    public string Name => "broadcast-wide";

    public string Summary => "one broadcast at a time to 10,000 devices, 60 times";

    public IReadOnlyList<string> Options => BroadcastOptions.Help;

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var load = BroadcastOptions.Wide(arguments);
        var comparison = new Comparison(Name, ComparisonOptions.Read(arguments), output);
        arguments.RefuseUnread();
        return Task.FromResult(comparison.Broadcast(load));
    }
}
