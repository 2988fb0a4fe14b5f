using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing.Peers;

namespace IotPlatform.Sessions.Kept;

/// <summary>All shards of the sessions that are kept.</summary>
internal sealed class SessionShardSet : IDisposable
{
    public SessionShardSet(GatewayIdentity self, IGrainFactory grains, GatewayInstruments instruments, TimeProvider time, ILogger<SessionShardSet> logger)
    {
        var numbers = new CallNumbers();
        All = [.. Enumerable.Range(0, SessionShards.Count).Select(number => new SessionShard(number, Interests, self, numbers, grains, instruments, time, logger))];
    }

    public ImmutableArray<SessionShard> All { get; }

    /// <summary>What their sessions are subscribed to. The value of a subscription is its whole filter.</summary>
    public SubscriptionTrie<SessionShard, string> Interests { get; } = new();

    /// <summary>The shard of a device's session.</summary>
    public SessionShard Of(DeviceId device) => All[SessionShards.Of(device)];

    /// <summary>Begins to follow what they are subscribed to.</summary>
    public void Follow()
    {
        foreach (var shard in All)
        {
            shard.Follow();
        }
    }

    public void Dispose()
    {
        foreach (var shard in All)
        {
            shard.Dispose();
        }
    }
}
