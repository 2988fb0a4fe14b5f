using IotPlatform.Bench.Servers;
using IotPlatform.Testkit;

namespace IotPlatform.Bench.Scenarios;

/// <summary>What the platform costs as a cluster, beside Orleans without it and beside itself in one process.</summary>
internal sealed class ClusterScenario : IScenario
{
    public string Name => "cluster";

    public string Summary => "silos and gateways on a PostgreSQL of their own: connects, device messages, broadcasts, memory, and the death of a silo";

    public IReadOnlyList<string> Options => ClusterOptions.Help;

    public async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var options = ClusterOptions.Read(arguments);
        arguments.RefuseUnread();
        if (ClusterPrograms.Find(options.Programs, out var missing) is not { } programs)
        {
            await Console.Error.WriteLineAsync($"{Name}: {missing}");
            return false;
        }

        await using var postgres = await PostgresServer.CreateAsync(programs.Postgres);
        return await new ClusterComparison(options, programs, postgres, output).RunAsync();
    }
}
