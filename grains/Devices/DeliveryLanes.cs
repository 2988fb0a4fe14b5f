using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>The ways from this process to the shards of gateways that are other processes. Those of shards that are gone are dropped when there are many.</summary>
internal sealed class DeliveryLanes : IDeliveries, IDisposable
{
    /// <summary>Shards whose lanes are kept while nothing is under way.</summary>
    public const int IdleMax = 1_000;

    private readonly ConcurrentDictionary<IGatewayObserver, DeliveryLane> _lanes = new();
    private readonly Meter _meter = new("IotPlatform.Devices");
    private readonly Action<int> _waitingChanged;

    public DeliveryLanes()
    {
        var waiting = _meter.CreateUpDownCounter<long>("iot.deliveries.waiting", "{delivery}", "Deliveries to devices that wait to travel to their gateways together.");
        _waitingChanged = change => waiting.Add(change);
    }

    public int Count => _lanes.Count;

    public void Dispose() => _meter.Dispose();

    /// <inheritdoc/>
    public Task<DeliverReply> DeliverAsync(IGatewayObserver shard, DeliverRequest request)
    {
        while (true)
        {
            if (!_lanes.TryGetValue(shard, out var lane))
            {
                DropIdle();
                lane = _lanes.GetOrAdd(shard, static (shard, waitingChanged) => new DeliveryLane(shard, waitingChanged), _waitingChanged);
            }

            if (lane.TryDeliver(request) is { } delivering)
            {
                return delivering;
            }

            _lanes.TryRemove(KeyValuePair.Create(shard, lane));
        }
    }

    private void DropIdle()
    {
        if (_lanes.Count < IdleMax)
        {
            return;
        }

        foreach (var entry in _lanes)
        {
            if (entry.Value.TryClose())
            {
                _lanes.TryRemove(entry);
            }
        }
    }
}
