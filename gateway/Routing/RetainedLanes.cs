using System.Collections.Immutable;
using IotPlatform.Diagnostics;
using IotPlatform.Topics;

namespace IotPlatform.Routing;

/// <summary>The ways to all shards of the retained messages.</summary>
internal sealed class RetainedLanes(IGrainFactory grains, GatewayInstruments instruments, ILogger<RetainedLane> logger)
{
    // Not before they are used: a gateway knows a cluster's grains when it has joined, and is built before.
    private readonly Lazy<ImmutableArray<RetainedLane>> _lanes = new(() =>
    [
        .. Enumerable.Range(0, RetainedShards.Count)
            .Select(shard => new RetainedLane(grains.GetGrain<IRetainedGrain>(RetainedShards.KeyOf(shard)), instruments, logger)),
    ]);

    /// <summary>A shard's grain.</summary>
    public IRetainedGrain this[int shard] => _lanes.Value[shard].Shard;

    /// <summary>Makes a change behind those to its topic before it.</summary>
    /// <returns>What became of it; never fails.</returns>
    public Task<RetainedOutcome> ApplyAsync(RetainedChange change) => _lanes.Value[RetainedShards.Of(change.Topic)].ApplyAsync(change);
}
