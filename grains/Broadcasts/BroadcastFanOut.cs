using System.Collections.Immutable;
using IotPlatform.Gateways;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Broadcasts;

/// <summary>One node of the tree: the lanes to its children. Belongs to one grain and runs in its turns.</summary>
/// <param name="grains">Finds the relays below.</param>
/// <param name="productKey">Whose tree it is.</param>
/// <param name="place">The node's place: empty for the root, <c>0</c> for its first relay, <c>0.3</c> for that one's fourth.</param>
/// <param name="logger">Where failures of children are told.</param>
internal sealed class BroadcastFanOut(IGrainFactory grains, string productKey, string place, ILogger logger)
{
    private readonly Dictionary<IGatewayObserver, BroadcastLane> _shards = [];
    private readonly Dictionary<int, BroadcastLane> _relays = [];
    private ImmutableArray<IGatewayObserver> _targets = [];
    private ImmutableArray<Child> _children = [];

    /// <summary>Sends a broadcast to every target below.</summary>
    /// <param name="message">The broadcast.</param>
    /// <param name="targets">The shards.</param>
    /// <param name="report">Is told the tallies as they come: the place of the first target that they are of, and one for each from there on.</param>
    public async Task SendAsync(BroadcastMessage message, ImmutableArray<IGatewayObserver> targets, Action<int, ImmutableArray<BroadcastTally>> report)
    {
        PlanFor(targets);
        var children = _children;
        var answers = children.Select(child => child.Lane.SendAsync(message, child.Targets)).ToArray();
        var first = 0;
        for (var i = 0; i < answers.Length; i++)
        {
            report(first, await answers[i]);
            first += children[i].Targets.Length;
        }
    }

    // The plan is kept for as long as the targets are the same, so that batches are recognised by their targets.
    private void PlanFor(ImmutableArray<IGatewayObserver> targets)
    {
        if (_targets == targets || _targets.AsSpan().SequenceEqual(targets.AsSpan()))
        {
            return;
        }

        foreach (var gone in _shards.Keys.Except(targets).ToList())
        {
            // A lane that is still under way ends by itself; it is only no longer found.
            _shards.Remove(gone);
        }

        _targets = targets;
        _children = [.. BroadcastTree.Split(targets.Length).Select((part, index) => ChildFor(index, targets[part]))];
    }

    private Child ChildFor(int index, ImmutableArray<IGatewayObserver> targets)
    {
        if (targets.Length == 1)
        {
            var shard = targets[0];
            return new Child(_shards.TryGetValue(shard, out var known) ? known : _shards[shard] = new BroadcastLane((_, batch) => shard.BroadcastAsync(batch), logger), targets);
        }

        if (!_relays.TryGetValue(index, out var lane))
        {
            var below = place.Length == 0 ? $"{index}" : $"{place}.{index}";
            var relay = grains.GetGrain<IBroadcastRelayGrain>(IBroadcastRelayGrain.KeyOf(productKey, below));
            _relays[index] = lane = new BroadcastLane((to, batch) => relay.RelayAsync(new RelayRequest(to, batch)), logger);
        }

        return new Child(lane, targets);
    }

    private readonly record struct Child(BroadcastLane Lane, ImmutableArray<IGatewayObserver> Targets);
}
