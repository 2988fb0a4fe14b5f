using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.Embedded;
using IotPlatform.Gateways;
using IotPlatform.Sessions;
using IotPlatform.StatusEvents;
using IotPlatform.Storage;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>The grains on a real engine, with stores in memory and a clock that a test moves.</summary>
internal sealed class GrainHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    // The engine holds observers weakly.
    private readonly List<IGrainObserver> _observers = [];
    private readonly IMessageStore? _messages;
    private readonly int _processNumber;
    private long _listVersion;

    /// <param name="before">A process that was there before, whose stores and time it goes on with.</param>
    /// <param name="messages">Where messages are kept; null: in <see cref="Messages"/>.</param>
    public GrainHost(GrainHost? before = null, IMessageStore? messages = null)
    {
        _messages = messages;
        _processNumber = 1 + (before?._processNumber ?? 0);
        Messages = before?.Messages ?? new MemoryMessageStore();
        Registry = before?.Registry ?? new MemoryRegistryStore();
        Broadcasts = before?.Broadcasts ?? new MemoryBroadcastStore();
        Leases = before?.Leases ?? new MemoryLeases();
        Retained = before?.Retained ?? new MemoryRetainedStore();
        Sessions = before?.Sessions ?? new MemorySessionStore();
        Orders = before?.Orders ?? new MemoryStandingOrderStore();
        StatusEvents = before?.StatusEvents ?? new MemoryStatusEventStore();
        StatusPushes = before?.StatusPushes ?? new MemoryStatusPushStore();

        // Of its own: however long the one before takes to end, and its clock is moved for it, this one's stands still.
        Time = new ManualTime(before?.Time);
        _services = Services().BuildServiceProvider();
        var options = new EmbeddedEngineOptions { GrainAssemblies = { typeof(GrainHosting).Assembly } };
        Engine = new EmbeddedEngine(_services, options, Time, NullLogger<EmbeddedEngine>.Instance);
        Gateway = new FakeGateway();
        Observer = Reference(Gateway);
        Peer = Reference(OtherGateway);
    }

    public ManualTime Time { get; }

    public MemoryMessageStore Messages { get; }

    public MemoryRegistryStore Registry { get; }

    public MemoryBroadcastStore Broadcasts { get; }

    public MemoryLeases Leases { get; }

    public FakeCluster Cluster { get; } = new();

    public LiveGateways LiveGateways => _services.GetRequiredService<LiveGateways>();

    public MemoryRetainedStore Retained { get; }

    public MemorySessionStore Sessions { get; }

    public MemoryStandingOrderStore Orders { get; }

    public MemoryStatusEventStore StatusEvents { get; }

    public MemoryStatusPushStore StatusPushes { get; }

    public StatusPushOptions PushOptions { get; } = new();

    public SessionOptions SessionOptions { get; } = new();

    public DeviceMessageOptions MessageOptions { get; } = new() { HoldProgressFor = TimeSpan.Zero };

    public BroadcastOptions BroadcastOptions { get; } = new();

    public TopicOptions TopicOptions { get; } = new();

    public EmbeddedEngine Engine { get; }

    public FakeGateway Gateway { get; }

    public IGatewayObserver Observer { get; }

    public FakePeer OtherGateway { get; } = new();

    public IGatewayPeer Peer { get; }

    public IGatewayObserver Reference(FakeGateway gateway)
    {
        _observers.Add(gateway);
        return Engine.CreateObjectReference<IGatewayObserver>(gateway);
    }

    public IGatewayPeer Reference(FakePeer peer)
    {
        _observers.Add(peer);
        return Engine.CreateObjectReference<IGatewayPeer>(peer);
    }

    /// <summary>A gateway as it would announce itself.</summary>
    public GatewayLease Lease(string gateway, long epoch = 1, IGatewayPeer? peer = null, params IEnumerable<IGatewayObserver> shards) =>
        new(new GatewayId(gateway), epoch, [.. shards], peer ?? Peer, $"{gateway}:1883", IsDraining: false);

    /// <summary>Tells the silo which gateways are alive, and waits for what it does about those that are not any more.</summary>
    public Task SetLiveAsync(params IEnumerable<GatewayLease> live) => LiveGateways.UpdateAsync(new GatewayList(++_listVersion, [.. live]));

    public LeaseRenewal Renewal(string gateway, long epoch = 1, long knownVersion = 0, params IEnumerable<IGatewayObserver> shards) =>
        new(Lease(gateway, epoch, null, shards), Connections: 0, knownVersion);

    public async ValueTask DisposeAsync()
    {
        var stopping = Engine.DisposeAsync().AsTask();
        while (await Task.WhenAny(stopping, Task.Delay(TimeSpan.FromMilliseconds(5))) != stopping)
        {
            // A grain that holds a call until its time has come goes when that has: nobody else moves the clock any more.
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await _services.DisposeAsync();
    }

    private ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(_messages ?? Messages);
        services.AddSingleton<IRegistryStore>(Registry);
        services.AddSingleton<IBroadcastStore>(Broadcasts);
        services.AddSingleton<IRetainedStore>(Retained);
        services.AddSingleton<ISessionStore>(Sessions);
        services.AddSingleton<IStandingOrderStore>(Orders);
        services.AddSingleton<IStatusEventStore>(StatusEvents);
        services.AddSingleton<IStatusPushStore>(StatusPushes);
        services.AddSingleton(Options.Create(PushOptions));
        services.AddSingleton<StatusEventReader>();
        services.AddSingleton<StatusPushClient>();
        services.AddSingleton<StatusPushInstruments>();
        services.AddSingleton<StatusPushServices>();
        services.AddSingleton(Options.Create(SessionOptions));
        services.AddSingleton<SessionInstruments>();
        services.AddSingleton<SessionServices>();
        services.AddSingleton(new MessageIds(Time, _processNumber));
        services.AddSingleton(Options.Create(MessageOptions));
        services.AddSingleton(Options.Create(BroadcastOptions));
        services.AddSingleton<IGrainFactory>(_ => Engine);
        services.AddSingleton<IClusterVersion>(Cluster);
        services.AddSingleton<ILeaseStore>(Leases);
        services.AddSingleton<WillWatch>();
        services.AddSingleton<WillPublisher>();
        services.AddSingleton<LiveGateways>();
        services.AddSingleton(Options.Create(TopicOptions));
        services.AddSingleton<StoreInstruments>();
        services.AddSingleton<HeldProgress>();
        services.AddSingleton<ProductRules>();
        services.AddSingleton<IDeliveries, DirectDeliveries>();
        services.AddSingleton<DeviceServices>();
        services.AddSingleton<TopicInstruments>();
        return services;
    }
}
