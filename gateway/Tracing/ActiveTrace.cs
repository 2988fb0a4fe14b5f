using System.Collections.Immutable;
using System.Text;
using IotPlatform.Gateways;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Orders;
using IotPlatform.Transport.Limits;

namespace IotPlatform.Tracing;

/// <summary>A trace, and what this gateway has noted for it: the last <see cref="EventsMax"/> events. Older ones make room, and are counted.</summary>
internal sealed class ActiveTrace(TraceOrder order)
{
    /// <summary>Some 2 MB.</summary>
    public const int EventsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<TraceEvent> _events = new();
    private readonly AddressRange? _network = order.Network is { } network && AddressRange.TryParse(network, out var range) ? range : null;
    private readonly byte[]? _topicFilter = order.TopicFilter is { } filter ? Encoding.UTF8.GetBytes(filter) : null;
    private long _count;

    public TraceOrder Order => order;

    /// <summary>Whether packets of a connection may have to be noted.</summary>
    public bool Concerns(TracedClient client) =>
        _topicFilter is not null
        || (order.ClientId is not null && order.ClientId == client.ClientId)
        || (order.Device is not null && order.Device == client.Device)
        || _network?.Contains(client.Address) == true;

    /// <summary>Whether a packet of such a connection has to be.</summary>
    public bool Wants(bool isPublish, string topic) => _topicFilter is null || (isPublish && topic.Length > 0 && TopicFilter.Matches(_topicFilter, Encoding.UTF8.GetBytes(topic)));

    public void Add(TraceEvent noted)
    {
        lock (_gate)
        {
            _events.Enqueue(noted with { Number = ++_count });
            if (_events.Count > EventsMax)
            {
                _events.Dequeue();
            }
        }
    }

    /// <summary>What has been noted.</summary>
    /// <param name="gateway">This gateway.</param>
    /// <param name="from">Only from this number on.</param>
    /// <param name="size">At most so many.</param>
    public TraceReading Read(GatewayId gateway, long from, int size)
    {
        lock (_gate)
        {
            // Who has come further than there is has read what the process before this one noted.
            from = from <= _count + 1 ? from : 1;
            ImmutableArray<TraceEvent> events = [.. _events.Where(noted => noted.Number >= from).Take(size)];
            var first = _count - _events.Count + 1;
            return new TraceReading(gateway, events, Math.Max(0, first - Math.Max(from, 1)));
        }
    }
}
