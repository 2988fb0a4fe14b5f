using System.Collections.Concurrent;
using IotPlatform.Orders;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Standing orders in memory.</summary>
internal sealed class MemoryStandingOrderStore : IStandingOrderStore
{
    private readonly ConcurrentDictionary<string, object> _orders = new();

    public Task<StandingOrders> LoadAsync() =>
        Task.FromResult(StandingOrders.None with { Bans = [.. _orders.Values.OfType<Ban>()], Traces = [.. _orders.Values.OfType<TraceOrder>()] });

    public Task SaveAsync(Ban ban)
    {
        _orders[ban.Id] = ban;
        return Task.CompletedTask;
    }

    public Task SaveAsync(TraceOrder trace)
    {
        _orders[trace.Id] = trace;
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string id)
    {
        _orders.TryRemove(id, out _);
        return Task.CompletedTask;
    }
}
