using System.Security.Cryptography;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Servers;

/// <summary>Silos and gateways on one database, every one a process of its own, all on this machine.</summary>
internal sealed class Cluster : IPlatform
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ClusterDatabase _database;
    private readonly SiloProcess[] _silos;
    private readonly GatewayProcess[] _gateways;
    private bool _ownsDatabase;

    private Cluster(ClusterDatabase database, SiloProcess[] silos, GatewayProcess[] gateways, string key)
    {
        _database = database;
        _silos = silos;
        _gateways = gateways;
        Key = key;
        MqttPorts = Array.ConvertAll(gateways, static gateway => gateway.MqttPort);
        HttpPorts = Array.ConvertAll(gateways, static gateway => gateway.HttpPort);
        GrpcPorts = Array.ConvertAll(gateways, static gateway => gateway.GrpcPort);
        Parts =
        [
            new ServerPart("gateway", Together(gateways.Select(static gateway => gateway.Meter)), [.. gateways.Select(static gateway => gateway.Probe!)]),
            new ServerPart("silo", Together(silos.Select(static silo => silo.Meter)), [.. silos.Select(static silo => silo.Probe)]),
            database.Part,
        ];
        Meter = Together(Parts.Select(static part => part.Meter));
    }

    public IReadOnlyList<int> MqttPorts { get; }

    public IReadOnlyList<int> HttpPorts { get; }

    public IReadOnlyList<int> GrpcPorts { get; }

    public string Key { get; }

    public ProcessMeter Meter { get; }

    public IReadOnlyList<ServerPart> Parts { get; }

    public string LogTail => string.Join('\n', [.. _silos.Select(static silo => silo.LogTail), .. _gateways.Select(static gateway => gateway.LogTail)]);

    public byte[]? BroadcastTopic => null;

    /// <summary>Whether there is another silo when one is killed.</summary>
    public bool HasSilosToSpare => _silos.Length > 1;

    /// <summary>Starts a cluster on a database of its own and waits until all of it serves.</summary>
    public static Cluster Start(ClusterPrograms programs, ClusterDatabase database, ClusterShape shape)
    {
        var key = RandomNumberGenerator.GetHexString(32);
        var silos = new List<SiloProcess>();
        var gateways = new List<GatewayProcess>();
        try
        {
            StartSilos(programs, database, shape, silos);
            StartGateways(programs, database, shape, key, gateways);
            return new Cluster(database, [.. silos], [.. gateways], key);
        }
        catch
        {
            gateways.ForEach(static gateway => gateway.Dispose());
            silos.ForEach(static silo => silo.Dispose());
            throw;
        }
    }

    /// <summary>The same, and the database goes with the cluster.</summary>
    public static Cluster StartOwning(ClusterPrograms programs, ClusterDatabase database, ClusterShape shape)
    {
        try
        {
            var cluster = Start(programs, database, shape);
            cluster._ownsDatabase = true;
            return cluster;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public IBroadcastCaller NewCaller(BroadcastLoad load, Faults faults) =>
        new HttpCaller(HttpPorts[0], Key, load.InFlight, load.PayloadBytes, load.Qos, faults);

    public long? StoredAsDelivered() => _database.DeliveredMessages();

    /// <summary>Kills the silo that was started last.</summary>
    public void KillLastSilo() => _silos[^1].Kill();

    public void Dispose()
    {
        foreach (var gateway in _gateways)
        {
            gateway.Dispose();
        }

        foreach (var silo in _silos)
        {
            silo.Dispose();
        }

        if (_ownsDatabase)
        {
            _database.Dispose();
        }
    }

    private static ProcessMeter Together(IEnumerable<ProcessMeter> meters) => ProcessMeter.Together([.. meters]);

    // The first alone: each later one then finds somebody to join.
    private static void StartSilos(ClusterPrograms programs, ClusterDatabase database, ClusterShape shape, List<SiloProcess> silos)
    {
        while (silos.Count < shape.Silos)
        {
            silos.Add(SiloProcess.Start(programs.Silo, Settings(database, shape.SiloSettings)));
            silos[^1].WaitUntil(() => database.ActiveSilos() == silos.Count, StartLimit);
        }
    }

    private static void StartGateways(ClusterPrograms programs, ClusterDatabase database, ClusterShape shape, string key, List<GatewayProcess> gateways)
    {
        while (gateways.Count < shape.Gateways)
        {
            KeyValuePair<string, string> name = new("Mqtt__GatewayId", $"gateway{gateways.Count + 1}");
            gateways.Add(GatewayProcess.Start(programs.Gateway, key, isProbed: true, [name, .. Settings(database, shape.GatewaySettings)]));
        }

        gateways.ForEach(static gateway => gateway.WaitUntilReady());
    }

    private static IEnumerable<KeyValuePair<string, string>> Settings(ClusterDatabase database, IReadOnlyDictionary<string, string> more) =>
        [new("Cluster__ConnectionString", database.ConnectionString), .. more];
}
