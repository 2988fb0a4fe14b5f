using IotPlatform.E2e.Tests.Durability.Life;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>The whole history of device messages through kills of whatever there is in a cluster: a silo, a gateway, the database.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class MessageHistoryTests(SmallCluster fixture, ITestOutputHelper output)
{
    private static readonly string[] Victims = ["a silo", "a gateway", "the database"];

    [SkippableFact]
    public async Task Anything_KilledAgainAndAgainUnderLoad_KeepsEveryMessagesHistory()
    {
        var cluster = await fixture.WholeAsync();
        try
        {
            await using var load = await MessageLoad.CreateAsync(cluster.Gateways);
            var rounds = KillRounds.Count(regular: Victims.Length);
            var first = Random.Shared.Next(Victims.Length);
            for (var round = 0; round < rounds; round++)
            {
                // By turns, so that few rounds have one of each; which one of its kind is drawn.
                var victim = Victims[(first + round) % Victims.Length];
                await load.RunRoundAsync(
                    async () =>
                    {
                        await load.UntilAcceptedAsync(Random.Shared.Next(1, 200), $"before {victim} is killed");
                        await KillRounds.SomewhereAsync(300);
                        await KillAsync(cluster, victim);
                        await cluster.UntilWholeAsync();
                        await load.UntilAcceptedAsync(100, $"after {victim} was killed");
                    },
                    output,
                    $"round {round + 1} of {rounds}, {victim}");
            }
        }
        catch
        {
            cluster.TellLogs(output);
            throw;
        }
    }

    private static async Task KillAsync(LocalCluster cluster, string victim)
    {
        if (victim == Victims[0])
        {
            var silo = cluster.Silos[Random.Shared.Next(cluster.Silos.Count)];
            silo.Kill();
            await KillRounds.SomewhereAsync(3_000);
            await silo.StartAsync();
        }
        else if (victim == Victims[1])
        {
            var gateway = cluster.Gateways[Random.Shared.Next(cluster.Gateways.Count)];
            gateway.Kill();
            await KillRounds.SomewhereAsync(3_000);
            await gateway.StartAsync();
        }
        else
        {
            await cluster.Postgres.StopAsync(isCrash: true);
            await KillRounds.SomewhereAsync(3_000);
            await cluster.Postgres.StartAsync();
        }
    }
}
