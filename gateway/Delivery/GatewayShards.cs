using System.Collections.Immutable;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using Microsoft.Extensions.Options;

namespace IotPlatform.Delivery;

/// <summary>The shards of this gateway: the objects that grains reach its connections through. Holds them for as long as the process lives.</summary>
internal sealed class GatewayShards
{
    private readonly ImmutableArray<GatewayShard> _shards;
    private readonly IGrainFactory _grains;

    public GatewayShards(IOptions<GatewayOptions> options, ProductCache products, GatewayInstruments instruments, IGrainFactory grains, TimeProvider time)
    {
        _grains = grains;
        Gateway = new GatewayId(options.Value.GatewayId);

        // New at each start, and later than all before.
        Epoch = time.GetUtcNow().UtcTicks;
        _shards = [.. Enumerable.Range(0, options.Value.Shards).Select(_ => new GatewayShard(products, instruments, grains))];
    }

    public GatewayId Gateway { get; }

    public long Epoch { get; }

    public GatewayLease Lease => new(Gateway, Epoch, [.. _shards.Select(static s => s.Reference)]);

    public int ConnectionCount => _shards.Sum(static s => s.ConnectionCount);

    public Attachment AttachmentOf(long connectionId) => new(Gateway, Epoch, connectionId);

    public GatewayShard ShardOf(long connectionId) => _shards[(int)(connectionId % _shards.Length)];

    /// <summary>Says that this gateway is alive.</summary>
    public Task RenewAsync() => Directory().RenewAsync(Lease);

    /// <summary>Says goodbye.</summary>
    public Task LeaveAsync() => Directory().LeaveAsync(Gateway, Epoch);

    /// <summary>Ends every connection.</summary>
    public void DisconnectAll(Mqtt.ReasonCode reason)
    {
        foreach (var shard in _shards)
        {
            shard.DisconnectAll(reason);
        }
    }

    private IGatewayDirectoryGrain Directory() => _grains.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);
}
