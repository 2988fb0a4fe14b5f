namespace IotPlatform.Hosting;

/// <summary>The cluster that a process belongs to. Section <c>Cluster</c>; the same in every silo and gateway.</summary>
public sealed class ClusterOptions
{
    /// <summary>
    /// The PostgreSQL database of the cluster: its members, the durable store, and Orleans' own tables (Npgsql connection string). Default: none, which makes a
    /// gateway a standalone server; a silo needs it.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>Names this cluster among those that share a database; a new one for a deployment that must not mix with the old. Default <c>iot</c>.</summary>
    public string ClusterId { get; set; } = "iot";

    /// <summary>Names the service whose grain state it is; stays the same across deployments. Default <c>iot-platform</c>.</summary>
    public string ServiceId { get; set; } = "iot-platform";

    /// <summary>
    /// Time for a call between processes, where its contract names none. Default 10 s: longer than the store may take to say that it is away (5 s), shorter than
    /// a caller's patience.
    /// </summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a gateway reads which silos there are. Default 5 s: a silo that came takes load soon, one that went is not tried for long.</summary>
    public TimeSpan SiloListRefreshInterval { get; set; } = TimeSpan.FromSeconds(5);
}
