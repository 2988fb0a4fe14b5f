using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>A cluster that the tests of one collection share, each with its own products and devices. Every test finds it whole, and leaves it so.</summary>
public abstract class ClusterFixture(int silos, int gateways) : IAsyncLifetime
{
    private string? _whyNot;
    private PostgresServer? _postgres;
    private LocalCluster? _cluster;

    internal OrleansBuild Build { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var build = OrleansBuild.Find(out _whyNot);
        if (build is null || PostgresPrograms.Find(out _whyNot) is not { } programs)
        {
            return;
        }

        Build = build;
        _postgres = await PostgresServer.CreateAsync(programs);
        _cluster = await AnotherAsync();
        await _cluster.StartAsync(silos, gateways);
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    /// <summary>The cluster, whole. Skips the test where there is none.</summary>
    internal async Task<LocalCluster> WholeAsync()
    {
        Skip.If(_whyNot is not null, _whyNot);
        await _cluster!.RepairAsync();
        return _cluster;
    }

    /// <summary>A cluster of the test's own, without processes yet, on the same database server.</summary>
    internal async Task<LocalCluster> AnotherAsync(bool isMigrated = true)
    {
        Skip.If(_whyNot is not null, _whyNot);
        var cluster = await LocalCluster.CreateAsync(Build, _postgres!);
        if (isMigrated)
        {
            var (exitCode, log) = await cluster.MigrateAsync();
            Assert.True(exitCode == 0, log);
        }

        return cluster;
    }
}
