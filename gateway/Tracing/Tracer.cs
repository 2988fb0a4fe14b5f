using System.Collections.Immutable;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Orders;
using IotPlatform.Sessions;

namespace IotPlatform.Tracing;

/// <summary>The traces that stand, and what this gateway notes for them. Where there are none, a connection pays for one look at a field.</summary>
internal sealed class Tracer(GatewayIdentity self, TimeProvider time)
{
    private ImmutableArray<ActiveTrace> _traces = [];

    /// <summary>Whether anything is traced.</summary>
    public bool IsActive => !_traces.IsEmpty;

    /// <summary>Takes what is to be traced from here on. What was noted for traces that go on stays.</summary>
    public void Set(ImmutableArray<TraceOrder> orders)
    {
        var known = _traces;
        ImmutableInterlocked.InterlockedExchange(
            ref _traces, [.. orders.Select(order => known.FirstOrDefault(trace => trace.Order.Id == order.Id) ?? new ActiveTrace(order))]);
    }

    /// <summary>What is to note a connection's packets; null where no trace concerns it.</summary>
    public ConnectionTrace? For(TracedClient client, ProtocolVersion version, TopicAliases? aliases)
    {
        var now = time.GetUtcNow();
        ImmutableArray<ActiveTrace> traces = [.. _traces.Where(trace => trace.Order.Until > now && trace.Concerns(client))];
        return traces.IsEmpty ? null : new ConnectionTrace(client, version, aliases, traces, time);
    }

    /// <summary>What has been noted for a trace, from a number on.</summary>
    public TraceReading Read(string traceId, long from, int size) =>
        _traces.FirstOrDefault(trace => trace.Order.Id == traceId)?.Read(self.Gateway, from, size) ?? new TraceReading(self.Gateway, [], Lost: 0);
}
