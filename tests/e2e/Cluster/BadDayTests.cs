using System.Diagnostics;
using IotPlatform.E2e.Tests.Cluster.Load;
using IotPlatform.Testkit;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>
/// What happens to clusters, caused with real processes under load. Each day ends with the same question: has everything that was acknowledged arrived, or does
/// it still wait? The cluster is one and the same; after each day it is whole again.
/// </summary>
[Collection(nameof(LargeClusterCollection))]
public sealed class BadDayTests(LargeCluster fixture, ITestOutputHelper output)
{
    /// <summary>Longer than a silo may be silent before the others declare it dead, and than a gateway's lease.</summary>
    private static readonly TimeSpan LongOutage = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public Task Silo_KilledUnderLoad_LosesNothingThatWasAcknowledged() => RunAsync(async (cluster, load) =>
    {
        cluster.Silos[1].Kill();
        await load.UntilAcceptedAsync(600, "with a silo less");
        await cluster.Silos[1].StartAsync();
    });

    [SkippableFact]
    public Task TwoSilos_KilledAtOnce_LoseNothingThatWasAcknowledged() => RunAsync(async (cluster, load) =>
    {
        cluster.Silos[0].Kill();
        cluster.Silos[2].Kill();
        await load.UntilAcceptedAsync(600, "with one silo left");
        await Task.WhenAll(cluster.Silos[0].StartAsync(), cluster.Silos[2].StartAsync());
    });

    [SkippableFact]
    public Task Gateway_KilledUnderLoad_LosesNothingThatWasAcknowledged() => RunAsync(async (cluster, load) =>
    {
        cluster.Gateways[0].Kill();
        await load.UntilAcceptedAsync(600, "with a gateway less");
        await cluster.Gateways[0].StartAsync();
    });

    [SkippableFact]
    public Task Database_AwayUnderLoad_LosesNothingThatWasAcknowledged() => RunAsync(async (cluster, load) =>
    {
        await cluster.Postgres.StopAsync(isCrash: true);
        await Task.Delay(LongOutage);
        await cluster.Postgres.StartAsync();
        await load.UntilAcceptedAsync(600, "with the database back");
    });

    // It is declared dead, finds that out when it wakes, and ends.
    [SkippableFact]
    public Task Silo_FrozenUnderLoad_EndsItselfAndLosesNothingThatWasAcknowledged() => RunAsync(async (cluster, load) =>
    {
        var silo = cluster.Silos[0];
        var restarts = silo.Restarts;
        silo.Freeze();
        await Task.Delay(LongOutage);
        await load.UntilAcceptedAsync(100, "with a silo frozen");
        silo.Thaw();
        await Deadline.UntilAsync(() => Task.FromResult(silo.Restarts), count => count > restarts, "the silo that was declared dead ends itself");
        await silo.UntilActiveAsync();
    });

    [SkippableFact]
    public Task Everything_RestartedOneByOneUnderLoad_LosesNothingThatWasAcknowledged() => RunAsync(async (cluster, load) =>
    {
        foreach (var silo in cluster.Silos)
        {
            Assert.Equal(0, await silo.StopAsync(StopPatience));
            await silo.StartAsync();
            await cluster.UntilWholeAsync();
        }

        foreach (var gateway in cluster.Gateways)
        {
            Assert.Equal(0, await gateway.StopAsync(StopPatience));
            await gateway.StartAsync();
            await cluster.UntilWholeAsync();
        }
    });

    private async Task RunAsync(Func<LocalCluster, FleetLoad, Task> badDay)
    {
        var cluster = await fixture.WholeAsync();
        try
        {
            var clock = Stopwatch.StartNew();
            await using var load = await FleetLoad.StartAsync(cluster);
            var begun = clock.Elapsed;
            await badDay(cluster, load);
            await cluster.UntilWholeAsync();
            var whole = clock.Elapsed;
            await load.UntilAcceptedAsync(200, "with everything back");
            await load.EndAsync(output);
            output.WriteLine($"begun after {begun.TotalSeconds:F1} s, whole after {whole.TotalSeconds:F1} s, judged after {clock.Elapsed.TotalSeconds:F1} s");
        }
        catch
        {
            cluster.TellLogs(output);
            throw;
        }
    }
}
