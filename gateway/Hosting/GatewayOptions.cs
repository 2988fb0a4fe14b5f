using IotPlatform.Sessions;

namespace IotPlatform.Hosting;

/// <summary>The MQTT side of a gateway. Section <c>Mqtt</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>The gateway's name, unique in its cluster. Default: the machine's name.</summary>
    public string GatewayId { get; set; } = Environment.MachineName;

    /// <summary>The address to listen on. Default: every address.</summary>
    public string Address { get; set; } = "0.0.0.0";

    /// <summary>The port for MQTT over TCP; 0 for a free one. Default 1883.</summary>
    public int Port { get; set; } = 1883;

    /// <summary>Whether clients may connect without a user name. Default: in Development only.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Whether registered devices may use topics beyond their own branches. Default: in Development only.</summary>
    public bool FreeTopics { get; set; }

    /// <summary>
    /// Whether refusals tell 5.0 clients in words what to change (Reason String). Default true: the words are for those who write the client, and name nothing that
    /// it does not know.
    /// </summary>
    public bool ReasonStrings { get; set; } = true;

    /// <summary>
    /// The settings of a purpose in one word, over those that are not given: <see cref="ConformanceProfile"/>. Default: none.
    /// </summary>
    public string? Profile { get; set; }

    /// <summary>
    /// The longest keep-alive of MQTT 5.0 clients, in whole seconds up to 65,535. One that asks for more, or for none, is told this one in CONNACK, and is held to
    /// it. A 3.1.1 client can not be told and keeps its own: it would lose a connection on which it has done what it promised. Default null: as clients ask.
    /// </summary>
    public TimeSpan? KeepAliveMax { get; set; }

    /// <summary>Time for a new connection to send CONNECT and be judged. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of the largest CONNECT packet. Default 64 KiB: before it is judged, a client gets little memory.</summary>
    public int ConnectBytesMax { get; set; } = 64 * 1024;

    /// <summary>Bytes of the largest packet of a connected client. Default 1 MiB.</summary>
    public int PacketBytesMax { get; set; } = 1024 * 1024;

    /// <summary>Bytes that may wait for a slow connection; past that, messages to it are dropped, or wait in its session. Default 1 MiB.</summary>
    public int PendingBytesMax { get; set; } = 1024 * 1024;

    /// <summary>Where devices reach this gateway, as <c>host:port</c>, for whoever lists the gateways. Default: its machine's name and port.</summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>
    /// Different topic filters that clients of this gateway are subscribed to and clients of other gateways may publish to; one more is refused with 0x97.
    /// Every gateway keeps those of all others in memory. Default 100,000.
    /// </summary>
    public int FiltersMax { get; set; } = 100_000;

    /// <summary>
    /// Connections whose device grains are called again in a second, after the loss of a silo: enough for all to be reachable soon, few enough to leave
    /// room for live traffic. Default 5,000.
    /// </summary>
    public int ReattachPerSecond { get; set; } = 5_000;

    /// <summary>MQTT over TLS.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>Load balancers in front.</summary>
    public ProxyProtocolOptions ProxyProtocol { get; set; } = new();

    /// <summary>What clients may do before anything is known of them.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>What one client may do.</summary>
    public ClientOptions Client { get; set; } = new();

    /// <summary>Calls that wait for what a device answers.</summary>
    public InvocationOptions Invocations { get; set; } = new();

    /// <summary>Shared subscriptions.</summary>
    public SharedSubscriptionOptions SharedSubscriptions { get; set; } = new();

    /// <summary>How the gateway empties itself before it stops.</summary>
    public DrainOptions Drain { get; set; } = new();

    /// <summary>
    /// Observers that the gateway is reached through; each takes one broadcast batch at a time. Default: as many as write broadcasts at the same time, which is one less
    /// than there are processors, 1 to 4. More of them make calls, and what travels together in them smaller.
    /// </summary>
    public int? Shards { get; set; }

    /// <summary>The bounds of one session.</summary>
    public SessionLimits Session { get; set; } = new();
}
