using IotPlatform.Compat;
using IotPlatform.Delivery;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Routing;
using IotPlatform.Sessions.Kept;
using IotPlatform.Tracing;
using IotPlatform.Transport.Limits;
using Microsoft.Extensions.Options;

namespace IotPlatform.Sessions;

/// <summary>What every connection uses; one object, because there may be a million of them.</summary>
internal sealed class MqttConnectionServices(
    IOptions<GatewayOptions> options,
    LoginReader logins,
    SessionRegistry sessions,
    Router router,
    RetainedPublisher publisher,
    RetainedLanes retained,
    SessionShardSet keptSessions,
    GatewayShards shards,
    PeerWatch watch,
    LoginLimits limits,
    BanList bans,
    Tracer tracer,
    GatewayInstruments instruments,
    AttachmentKeeper keeper,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<MqttConnection> logger)
{
    public GatewayOptions Options { get; } = options.Value;

    public TopicLimits TopicLimits => new(Options.Client.TopicBytesMax, Options.Client.TopicLevelsMax);

    public LoginReader Logins => logins;

    public SessionRegistry Sessions => sessions;

    public Router Router => router;

    public RetainedPublisher Publisher => publisher;

    public RetainedLanes Retained => retained;

    public SessionShardSet KeptSessions => keptSessions;

    public GatewayShards Shards => shards;

    public PeerWatch Watch => watch;

    public LoginLimits Limits => limits;

    public BanList Bans => bans;

    public Tracer Tracer => tracer;

    public GatewayInstruments Instruments => instruments;

    public IGrainFactory Grains => grains;

    public TimeProvider Time => time;

    public AttachmentKeeper Keeper => keeper;

    public ILogger Logger => logger;
}
