namespace IotPlatform.Bench.Scenarios;

/// <summary>Many broadcasts in flight at once: how well a server puts what waits for a connection into one send.</summary>
internal sealed class BroadcastDeepScenario : IScenario
{
    public string Name => "broadcast-deep";

    public string Summary => "2,000 broadcasts to 1,000 devices, 64 in flight";

    public IReadOnlyList<string> Options => BroadcastOptions.Help;

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var load = BroadcastOptions.Deep(arguments);
        var comparison = new Comparison(Name, ComparisonOptions.Read(arguments), output);
        arguments.RefuseUnread();
        return Task.FromResult(comparison.Broadcast(load));
    }
}
