using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Silos and gateways as real processes on one database, and the PostgreSQL server that it is in.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private const int LogLinesTold = 60;

    private static readonly TimeSpan WholePatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MigratePatience = TimeSpan.FromSeconds(30);

    private readonly OrleansBuild _build;
    private readonly string _connectionString;
    private readonly Membership _membership;

    private LocalCluster(OrleansBuild build, PostgresServer postgres, string connectionString)
    {
        _build = build;
        Postgres = postgres;
        _connectionString = connectionString;
        _membership = new Membership(connectionString);
    }

    public PostgresServer Postgres { get; }

    public List<SiloProcess> Silos { get; } = [];

    public List<GatewayProcess> Gateways { get; } = [];

    /// <summary>The settings that make a process a part of this cluster, and its log one that tells when what happened, and not every call that failed.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Cluster__ConnectionString", _connectionString),
        ("Cluster__ClusterId", "e2e"),
        ("Logging__LogLevel__Orleans", "Error"),
        ("Logging__LogLevel__Orleans.Messaging", "None"),
        ("Logging__LogLevel__IotPlatform.Gateways", "Information"),
        ("Logging__LogLevel__IotPlatform.Routing.Peers", "Information"),
        ("Logging__Console__FormatterName", "simple"),
        ("Logging__Console__FormatterOptions__SingleLine", "true"),
        ("Logging__Console__FormatterOptions__TimestampFormat", "HH:mm:ss.fff "),
    ];

    /// <summary>Makes a database on the server, and a cluster on it that has no processes yet.</summary>
    public static async Task<LocalCluster> CreateAsync(OrleansBuild build, PostgresServer postgres) => new(build, postgres, await postgres.CreateDatabaseAsync());

    /// <summary>Runs <c>silo migrate</c> on its database.</summary>
    public async Task<(int ExitCode, string Log)> MigrateAsync()
    {
        await using var migrate = new ServerProcess("silo migrate", _build.Silo, Settings) { Arguments = ["migrate"] };
        return (await migrate.RunAsync(MigratePatience), migrate.Log);
    }

    /// <summary>Adds processes, and starts them all at once.</summary>
    public async Task StartAsync(int silos, int gateways)
    {
        for (var i = 0; i < silos; i++)
        {
            AddSilo().Launch();
        }

        for (var i = 0; i < gateways; i++)
        {
            AddGateway().Launch();
        }

        await Task.WhenAll(Silos.Select(static silo => silo.UntilActiveAsync()));
        await UntilWholeAsync();
    }

    /// <summary>Adds a silo, and does not start it.</summary>
    public SiloProcess AddSilo(params IEnumerable<(string Name, string Value)> settings)
    {
        var silo = new SiloProcess(_build.Silo, _membership, [.. Settings, .. settings]);
        Silos.Add(silo);
        return silo;
    }

    /// <summary>Adds a gateway, and does not start it.</summary>
    public GatewayProcess AddGateway(params IEnumerable<(string Name, string Value)> settings)
    {
        var gateway = new GatewayProcess(_build.Gateway, "Development", [.. Settings, ("Mqtt__GatewayId", $"gateway-{Gateways.Count + 1}"), .. settings]);
        Gateways.Add(gateway);
        return gateway;
    }

    /// <summary>Ends a gateway, and forgets it.</summary>
    public async Task RemoveAsync(GatewayProcess gateway)
    {
        Gateways.Remove(gateway);
        await gateway.DisposeAsync();
    }

    /// <summary>Starts what an earlier test has left behind dead, and waits until the cluster is whole.</summary>
    public async Task RepairAsync()
    {
        foreach (var silo in Silos.Where(static silo => !silo.IsRunning))
        {
            await silo.StartAsync();
        }

        foreach (var gateway in Gateways.Where(static gateway => !gateway.IsRunning))
        {
            gateway.Launch();
        }

        await UntilWholeAsync();
    }

    /// <summary>Waits until every process is there and known to the others, and nobody takes one that is gone for alive.</summary>
    public async Task UntilWholeAsync()
    {
        await Deadline.UntilAsync(_membership.ActiveAsync, IsExactly, $"{Silos.Count} silos are members, and no others", WholePatience);
        await Task.WhenAll(Gateways.Select(static gateway => gateway.UntilReadyAsync()));
        await Task.WhenAll(Gateways.Select(gateway => Deadline.UntilAsync(
            () => gateway.Api.GetAsync("/v1/gateways"), IsComplete, $"a gateway lists {Gateways.Count} gateways", WholePatience)));
    }

    /// <summary>Tells what the processes wrote last.</summary>
    public void TellLogs(ITestOutputHelper output)
    {
        for (var i = 0; i < Silos.Count; i++)
        {
            Tell(output, $"silo {i + 1} (port {Silos[i].Port}, started again by itself: {Silos[i].Restarts})", Silos[i].Log);
        }

        for (var i = 0; i < Gateways.Count; i++)
        {
            Tell(output, $"gateway {i + 1}", Gateways[i].Log);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in Gateways)
        {
            await gateway.DisposeAsync();
        }

        foreach (var silo in Silos)
        {
            await silo.DisposeAsync();
        }

        await Postgres.DropDatabaseAsync(_connectionString);
    }

    private static void Tell(ITestOutputHelper output, string who, string log)
    {
        output.WriteLine($"--- {who}");
        foreach (var line in log.Split('\n').TakeLast(LogLinesTold))
        {
            output.WriteLine(line);
        }
    }

    private bool IsExactly(List<(int Port, int Generation)> active) =>
        active.Select(static silo => silo.Port).SequenceEqual(Silos.Select(static silo => silo.Port).Order());

    private bool IsComplete(Answer answer) => answer.Status == HttpStatusCode.OK && answer.Items("gateways").Length == Gateways.Count;
}
