namespace IotPlatform.Hosting;

/// <summary>One silo. Section <c>Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>The port for other silos. Default 11111.</summary>
    public int Port { get; set; } = 11111;

    /// <summary>The port for gateways. Default 30000.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>
    /// The IP address that other silos and gateways reach this one at; on Kubernetes the pod's (<c>status.podIP</c>). Default: the machine's first address that
    /// is not loopback.
    /// </summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>How long a grain that nobody calls stays in memory; connected devices stay. Default 15 min.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Calls that may wait at one grain; one more is refused, so that a flood for one device does not fill the memory of all. Default 10,000.</summary>
    public int WaitingCallsMax { get; set; } = 10_000;

    /// <summary>
    /// How often silos probe each other; three missed probes are a vote against a silo, and a silo with two votes is dead. Default 1 s: a lost silo's devices are to
    /// be reachable again within 15 s. Longer where silos are starved of CPU.
    /// </summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Time to hand over before the process ends. Default 60 s; Kubernetes' grace period must be longer.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(60);
}
