using System.Net;
using System.Net.Sockets;
using IotPlatform.Storage;
using IotPlatform.Storage.Postgres;
using IotPlatform.Testkit;

namespace IotPlatform.Cluster.Tests.Hosts;

/// <summary>
/// Two silos and two gateways in this process, over a PostgreSQL of their own, for all tests of a collection: each uses its own devices and topics. A test that
/// needs more silos or gateways starts them, and stops them.
/// </summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _started = [];
    private PostgresServer? _postgres;
    private string? _missing;

    public string ConnectionString { get; private set; } = "";

    internal SiloHost Silo { get; private set; } = null!;

    internal SiloHost OtherSilo { get; private set; } = null!;

    internal GatewayHost A { get; private set; } = null!;

    internal GatewayHost B { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (PostgresPrograms.Find(out _missing) is not { } programs)
        {
            return;
        }

        // What survives a crash is not asked here.
        _postgres = await PostgresServer.CreateAsync(programs, isDurable: false);
        ConnectionString = await _postgres.CreateDatabaseAsync();
        await PostgresMigrations.ApplyAsync(ConnectionString, [PostgresMigrations.Store, OrleansMigrations.Group]);
        Silo = await StartSiloAsync();
        OtherSilo = await StartSiloAsync();
        A = await StartGatewayAsync("a");
        B = await StartGatewayAsync("b");
    }

    public async Task DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_started))
        {
            await host.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    /// <summary>Skips the test where the machine can not run a cluster.</summary>
    public void Require() => Skip.If(_missing is not null, _missing);

    internal async Task<SiloHost> StartSiloAsync()
    {
        var silo = await SiloHost.StartAsync(ConnectionString, FreePort(), FreePort());
        _started.Add(silo);
        return silo;
    }

    internal async Task<GatewayHost> StartGatewayAsync(string id, params (string Setting, string Value)[] settings)
    {
        var gateway = await GatewayHost.StartAsync(ConnectionString, id, FreePort(), settings);
        _started.Add(gateway);
        return gateway;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
