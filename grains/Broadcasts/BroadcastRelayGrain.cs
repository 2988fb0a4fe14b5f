using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace IotPlatform.Broadcasts;

/// <summary>
/// A tier between the root and the gateways. Reentrant: several batches may be under way; their lanes keep the order.
/// </summary>
[Reentrant]
internal sealed class BroadcastRelayGrain(ILogger<BroadcastRelayGrain> logger) : Grain, IBroadcastRelayGrain
{
    private BroadcastFanOut? _fanOut;

    public async Task<BroadcastTallies> RelayAsync(RelayRequest request)
    {
        _fanOut ??= NewFanOut();
        var targets = request.Targets.Length;
        var tallies = new BroadcastTally[request.Batch.Messages.Length * targets];
        var sends = request.Batch.Messages.Select((message, i) => _fanOut.SendAsync(
            message, request.Targets, (first, below) => below.CopyTo(tallies.AsSpan((i * targets) + first))));
        await Task.WhenAll(sends.ToArray());
        return new BroadcastTallies([.. tallies]);
    }

    private BroadcastFanOut NewFanOut()
    {
        // Key: relay/{productKey}/{place}
        var parts = this.GetPrimaryKeyString().Split('/');
        return new BroadcastFanOut(GrainFactory, parts[1], parts[2], logger);
    }
}
