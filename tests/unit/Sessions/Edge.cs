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
using IotPlatform.Transport;
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

    public Edge()
    {
        // As at the start of a gateway that lets clients in without a login.
        _host.Registry.Add(new ProductView(LoginReader.AnonymousProduct, "", IsEnabled: true, IsRegistrationOpen: false, Time.GetUtcNow()));
        var options = Options.Create(Settings);
        var products = new ProductCache(_host.Engine, Time);
        Identity = new GatewayIdentity(options, Time);
        Interests = new LocalInterests(Time);
        Peers = new PeerGateways(Identity, Instruments, Time, NullLogger<PeerGateways>.Instance);
        Router = new Router(Interests, Peers, options, Instruments);
        var lanes = new RetainedLanes(_host.Engine, Instruments, NullLogger<RetainedLane>.Instance);
        Publisher = new RetainedPublisher(Router, lanes, Time);
        Shards = new GatewayShards(Identity, options, products, Instruments, _host.Engine, Time, NullLogger<GatewayShard>.Instance);
        Keeper = new AttachmentKeeper(Shards, options, Time, NullLogger<AttachmentKeeper>.Instance);
        Sessions = new SessionRegistry(Router, options, Instruments, Time);
        Watch = new PeerWatch(Time);
        _services = new MqttConnectionServices(
            options, new LoginReader(products, options), Sessions, Router, Publisher, lanes, Shards, Watch, Instruments, Keeper, _host.Engine, Time,
            NullLogger<MqttConnection>.Instance);
    }

    public GatewayOptions Settings { get; } = new() { GatewayId = "g", AllowAnonymous = true, FreeTopics = true, Shards = 1 };

    public GatewayInstruments Instruments { get; } = new();

    public ManualTime Time => _host.Time;

    public GatewayIdentity Identity { get; }

    public LocalInterests Interests { get; }

    public PeerGateways Peers { get; }

    public Router Router { get; }

    public RetainedPublisher Publisher { get; }

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
        IConnection connection, ProtocolVersion version = ProtocolVersion.Mqtt311, int receiveMaximum = 100, int maximumPacketSize = int.MaxValue) =>
        new(connection, version, receiveMaximum, maximumPacketSize, NewOwner(connection));

    public (Session Session, FakeConnection Connection) Online(string deviceName, ProtocolVersion version = ProtocolVersion.Mqtt311)
    {
        var connection = new FakeConnection();
        var session = NewSession(deviceName);
        session.Attach(NewPeer(connection, version));
        return (session, connection);
    }

    public async ValueTask DisposeAsync()
    {
        Watch.Dispose();
        Instruments.Dispose();
        await _host.DisposeAsync();
    }
}
