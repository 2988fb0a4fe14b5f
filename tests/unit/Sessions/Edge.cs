using System.Text;
using IotPlatform.Compat;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Products;
using IotPlatform.Routing;
using IotPlatform.Routing.Peers;
using IotPlatform.Sessions;
using IotPlatform.Sessions.Kept;
using IotPlatform.Topics;
using IotPlatform.Tracing;
using IotPlatform.Transport;
using IotPlatform.Transport.Limits;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>The parts of a gateway without its sockets.</summary>
internal sealed class Edge : IAsyncDisposable
{
    private readonly GrainHost _host = new();
    private readonly MqttConnectionServices _services;

    /// <param name="followsSessions">
    /// Whether it follows what kept sessions are subscribed to, as every gateway does. That is a timer a second: not where a test lets hours pass.
    /// </param>
    /// <param name="configure">Changes settings that are read when the gateway is made.</param>
    public Edge(bool followsSessions = true, Action<GatewayOptions>? configure = null)
    {
        configure?.Invoke(Settings);

        // As at the start of a gateway that lets clients in without a login.
        _host.Registry.Add(new ProductView(LoginReader.AnonymousProduct, "", IsEnabled: true, IsRegistrationOpen: false, Time.GetUtcNow(), []));
        var options = Options.Create(Settings);
        var products = new ProductCache(_host.Engine, Time);
        Identity = new GatewayIdentity(options, Time);
        Tracer = new Tracer(Identity, Time);
        Bans = new BanList(Time);
        Interests = new InterestLog(Time);
        Peers = new PeerGateways(Identity, Instruments, Time, NullLogger<PeerGateways>.Instance);
        KeptSessions = new SessionShardSet(Identity, _host.Engine, Instruments, Time, NullLogger<SessionShardSet>.Instance);
        Router = new Router(Interests, Peers, KeptSessions, options, Instruments, Time);
        var lanes = new RetainedLanes(_host.Engine, Instruments, NullLogger<RetainedLane>.Instance);
        Publisher = new RetainedPublisher(Router, lanes, Time);
        Shards = new GatewayShards(Identity, options, products, Instruments, Tracer, _host.Engine, Time, NullLogger<GatewayShard>.Instance);
        Keeper = new AttachmentKeeper(Shards, options, Time, NullLogger<AttachmentKeeper>.Instance);
        Sessions = new SessionRegistry(Router, options, Instruments, Time, NullLogger<SessionRegistry>.Instance);
        Linker = new SessionLinker(KeptSessions, Shards, options, Time, NullLogger<SessionLinker>.Instance);
        Watch = new PeerWatch(Time);
        _services = new MqttConnectionServices(
            options, new LoginReader(products, options), Sessions, Router, Publisher, lanes, KeptSessions, Shards, Watch,
            new LoginLimits(options, Instruments, Time), Bans, Tracer, Instruments, Keeper, _host.Engine, Time, NullLogger<MqttConnection>.Instance);

        Orders = new StandingOrderKeeper(Bans, Tracer, Shards, _host.Engine, Time, NullLogger<StandingOrderKeeper>.Instance);
        Shards.Ordered = Orders.Obey;

        // As at the start of a gateway, a moment later.
        if (!followsSessions)
        {
            return;
        }

        KeptSessions.Follow();
        Assert.True(SpinWait.SpinUntil(() => !KeptSessions.All.Any(static shard => shard.IsUnknown), TimeSpan.FromSeconds(30)));
    }

    public GatewayOptions Settings { get; } = new() { GatewayId = "g", AllowAnonymous = true, FreeTopics = true, Shards = 1 };

    public GatewayInstruments Instruments { get; } = new();

    public ManualTime Time => _host.Time;

    public GatewayIdentity Identity { get; }

    public Tracer Tracer { get; }

    public BanList Bans { get; }

    public StandingOrderKeeper Orders { get; }

    public InterestLog Interests { get; }

    public PeerGateways Peers { get; }

    public Router Router { get; }

    public RetainedPublisher Publisher { get; }

    public SessionShardSet KeptSessions { get; }

    public SessionLinker Linker { get; }

    /// <summary>The grains behind the gateway, and their stores.</summary>
    public GrainHost Host => _host;

    public AttachmentKeeper Keeper { get; }

    public GatewayShards Shards { get; }

    public SessionRegistry Sessions { get; }

    public PeerWatch Watch { get; }

    public static ReadOnlySpan<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public MqttConnection NewOwner(IConnection connection) => new(connection, _services);

    public Session NewSession(string deviceName = "d") => new(new DeviceId("p", deviceName), Settings.Session, Instruments);

    public SessionPeer NewPeer(
        IConnection connection,
        ProtocolVersion version = ProtocolVersion.Mqtt311,
        int receiveMaximum = 100,
        int maximumPacketSize = int.MaxValue,
        int topicAliasMax = 0)
    {
        var peer = NewOwner(connection);
        peer.Takes(version, receiveMaximum, maximumPacketSize, topicAliasMax);
        return peer;
    }

    public (Session Session, FakeConnection Connection) Online(string deviceName, ProtocolVersion version = ProtocolVersion.Mqtt311)
    {
        var connection = new FakeConnection();
        var session = NewSession(deviceName);
        session.Attach(NewPeer(connection, version));
        return (session, connection);
    }

    public async ValueTask DisposeAsync()
    {
        Peers.Dispose();
        KeptSessions.Dispose();
        Watch.Dispose();
        Instruments.Dispose();
        await _host.DisposeAsync();
    }
}
