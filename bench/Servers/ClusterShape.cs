namespace IotPlatform.Bench.Servers;

/// <summary>How many processes of each kind a cluster has, and how they are set.</summary>
internal sealed record ClusterShape(int Silos, int Gateways)
{
    /// <summary>What is set in the environment of every silo.</summary>
    public IReadOnlyDictionary<string, string> SiloSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>What is set in the environment of every gateway.</summary>
    public IReadOnlyDictionary<string, string> GatewaySettings { get; init; } = new Dictionary<string, string>();
}
