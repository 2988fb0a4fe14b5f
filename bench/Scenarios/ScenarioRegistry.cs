using IotPlatform.Bench.Messages;
using IotPlatform.Bench.Store;

namespace IotPlatform.Bench.Scenarios;

/// <summary>All scenarios by name, and the one command line that runs them.</summary>
internal static class ScenarioRegistry
{
    private const int Succeeded = 0;
    private const int Failed = 1;
    private const int Misused = 2;

    // Present in builds of the embedded engine.
    private static readonly IScenario[] EngineScenarios =
        [.. typeof(ScenarioRegistry).Assembly.GetTypes()
            .Where(type => type.Namespace == "IotPlatform.Bench.Engine" && type.IsAssignableTo(typeof(IScenario)))
            .Select(type => (IScenario)Activator.CreateInstance(type)!)];

    private static readonly IScenario[] Scenarios =
    [
        new FloorScenario(),
        new BroadcastWideScenario(),
        new BroadcastDeepScenario(),
        new BroadcastAckedScenario(),
        new LinearScenario(),
        new ConnectScenario(),
        new IdleScenario(),
        new FairnessScenario(),
        new SlowScenario(),
        new MessagesScenario(),
        new ClusterScenario(),
        new StoreScenario(),
        .. EngineScenarios,
    ];

    /// <summary>Runs the scenario that the first word names; answers the exit code.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        if (words is [] or ["--help", ..] || Array.Find(Scenarios, scenario => scenario.Name == words[0]) is not { } scenario)
        {
            WriteHelp(Console.Out);
            return words is ["--help", ..] ? Succeeded : Misused;
        }

        try
        {
            return await scenario.RunAsync(Arguments.Parse(words.AsSpan(1)), Console.Out) ? Succeeded : Failed;
        }
        catch (ArgumentException refusal)
        {
            await Console.Error.WriteLineAsync($"{refusal.Message}; --help lists the options");
            return Misused;
        }
    }

    private static void WriteHelp(TextWriter output)
    {
        output.WriteLine("usage: dotnet run -c Release --project bench -- <scenario> [options]");
        foreach (var scenario in Scenarios)
        {
            output.WriteLine($"\n{scenario.Name}: {scenario.Summary}");
            foreach (var option in scenario.Options)
            {
                output.WriteLine($"  {option}");
            }
        }

        output.WriteLine("\noptions of every scenario that runs servers");
        foreach (var option in ComparisonOptions.Help)
        {
            output.WriteLine($"  {option}");
        }
    }
}
