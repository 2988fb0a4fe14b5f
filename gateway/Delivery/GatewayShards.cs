using System.Collections.Immutable;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Orders;
using IotPlatform.Sessions;
using IotPlatform.Tracing;
using Microsoft.Extensions.Options;

namespace IotPlatform.Delivery;

/// <summary>The shards of this gateway: the objects that grains reach its connections through. Holds them for as long as the process lives.</summary>
internal sealed class GatewayShards
{
    /// <summary>More would not make a broadcast faster, and every one is a call more.</summary>
    private const int CountMax = 4;

    private readonly GatewayIdentity _self;
    private readonly ImmutableArray<GatewayShard> _shards;

    public GatewayShards(
        GatewayIdentity self,
        IOptions<GatewayOptions> options,
        ProductCache products,
        GatewayInstruments instruments,
        Tracer tracer,
        IGrainFactory grains,
        TimeProvider time,
        ILogger<GatewayShard> logger)
    {
        _self = self;
        Acknowledgements = new AcknowledgementLane(grains, instruments, time, logger);
        var turns = new BroadcastTurns(instruments);
        var invocations = new InvocationBound(options.Value.Invocations, instruments);
        var count = options.Value.Shards ?? Math.Min(turns.WritersMax, CountMax);
        _shards = [.. Enumerable.Range(0, count).Select(_ =>
            new GatewayShard(turns, invocations, products, instruments, tracer, grains, time, logger))];
    }

    /// <summary>What grains hold of the shards.</summary>
    public ImmutableArray<IGatewayObserver> References => [.. _shards.Select(static shard => shard.Reference)];

    public int ConnectionCount => _shards.Sum(static shard => shard.ConnectionCount);

    /// <summary>What the devices of all shards acknowledged, on its way to their grains.</summary>
    public AcknowledgementLane Acknowledgements { get; }

    /// <summary>Called with the standing orders when the gateway is told new ones.</summary>
    public Action<StandingOrders>? Ordered
    {
        set
        {
            foreach (var shard in _shards)
            {
                shard.Ordered = value;
            }
        }
    }

    /// <summary>The gateway that they are of.</summary>
    public GatewayId Gateway => _self.Gateway;

    public Attachment AttachmentOf(long connectionId) => new(_self.Gateway, _self.Epoch, connectionId);

    public GatewayShard ShardOf(long connectionId) => _shards[(int)(connectionId % _shards.Length)];

    /// <summary>Every connection, as they are while it is read.</summary>
    public IEnumerable<MqttConnection> Connections() => _shards.SelectMany(static shard => shard.Connections());
}
