namespace IotPlatform.Hosting;

/// <summary>How a gateway that is told to stop sends its connections away. Section <c>Mqtt:Drain</c>.</summary>
public sealed class DrainOptions
{
    /// <summary>Connections closed in a second, so that the other gateways are not stormed. Default 1,000.</summary>
    public int ConnectionsPerSecond { get; set; } = 1_000;

    /// <summary>What is still connected after this is closed at once. Shorter than the time that the process is given to stop. Default 20 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Where MQTT 5.0 clients are sent, as <c>host:port</c> (Server Reference, section 4.11). With it, they are told 0x9C Use another server; without,
    /// 0x8B Server shutting down. Default: none.
    /// </summary>
    public string? ServerReference { get; set; }

    /// <summary>Whether the reference is for good: 0x9D Server moved instead of 0x9C. Default: no.</summary>
    public bool IsPermanent { get; set; }
}
