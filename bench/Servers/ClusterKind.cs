using IotPlatform.Testkit;

namespace IotPlatform.Bench.Servers;

/// <summary>The platform as a cluster, on a database of its own of a server that outlives it.</summary>
internal sealed class ClusterKind(ClusterPrograms programs, PostgresServer postgres, ClusterShape shape) : IServerKind
{
    public string Name => "cluster";

    public string? WhyAbsent() => null;

    public IServer Start() => Cluster.StartOwning(programs, ClusterDatabase.CreateAsync(postgres, programs.Silo).GetAwaiter().GetResult(), shape);
}
