namespace IotPlatform.Bench.Scenarios;

/// <summary>A connect storm: all devices come at once, for the first time since the server started, and then again.</summary>
internal sealed class ConnectScenario : IScenario
{
    public string Name => "connect";

    public string Summary => "10,000 registered devices connect at once, disconnect, and connect again (again_ figures)";

    public IReadOnlyList<string> Options => ConnectOptions.Help;

    public Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var load = ConnectOptions.Read(arguments);
        var comparison = new Comparison(Name, ComparisonOptions.Read(arguments), output);
        arguments.RefuseUnread();
        return Task.FromResult(comparison.Connect(load));
    }
}
