using IotPlatform.Gateways;
using IotPlatform.Storage;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Orders;

/// <summary>What all gateways are to do until further notice.</summary>
internal sealed partial class StandingOrdersGrain(IStandingOrderStore store, TimeProvider time, ILogger<StandingOrdersGrain> logger) : Grain, IStandingOrdersGrain
{
    /// <summary>Every gateway has all of them in memory, and looks at them at every login.</summary>
    private const int BansMax = 10_000;

    /// <summary>Each costs every gateway memory and time.</summary>
    private const int TracesMax = 8;

    private StandingOrders _orders = StandingOrders.None;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var stored = await store.LoadAsync();

        // Later than any that an activation before this one has given out.
        _orders = stored with { Version = time.GetUtcNow().UtcTicks };
    }

    public async Task<StandingOrders?> GetAsync(long knownVersion)
    {
        await EndOverdueAsync();
        if (knownVersion > _orders.Version)
        {
            // The clock of the silo before ran ahead of this one's. A gateway takes no older orders for newer ones.
            _orders = _orders with { Version = knownVersion + 1 };
        }

        return _orders.Version == knownVersion ? null : _orders;
    }

    public async Task<Reply<Ban>> BanAsync(Ban ban)
    {
        await EndOverdueAsync();
        if (_orders.Bans.FirstOrDefault(known => known.Device == ban.Device && known.Network == ban.Network) is { } earlier)
        {
            ban = ban with { Id = earlier.Id, CreatedAt = earlier.CreatedAt };
        }
        else if (_orders.Bans.Length >= BansMax)
        {
            return Refusal.ResourceExhausted($"There are {BansMax} bans, which is as many as there may be.");
        }

        await store.SaveAsync(ban);
        await ChangeAsync(_orders with { Bans = [.. _orders.Bans.Where(known => known.Id != ban.Id), ban] });
        return ban;
    }

    public async Task<Reply<Ban>> LiftBanAsync(string id)
    {
        await EndOverdueAsync();
        if (_orders.Bans.FirstOrDefault(ban => ban.Id == id) is not { } lifted)
        {
            return Refusal.NotFound($"There is no ban {id}.");
        }

        await store.DeleteAsync(id);
        await ChangeAsync(_orders with { Bans = _orders.Bans.Remove(lifted) });
        return lifted;
    }

    public async Task<Reply<TraceOrder>> StartTraceAsync(TraceOrder trace)
    {
        await EndOverdueAsync();
        if (_orders.Traces.Length >= TracesMax)
        {
            return Refusal.ResourceExhausted($"There are {TracesMax} traces, which is as many as there may be: stop one.");
        }

        await store.SaveAsync(trace);
        await ChangeAsync(_orders with { Traces = _orders.Traces.Add(trace) });
        return trace;
    }

    public async Task<Reply<TraceOrder>> StopTraceAsync(string id)
    {
        await EndOverdueAsync();
        if (_orders.Traces.FirstOrDefault(trace => trace.Id == id) is not { } stopped)
        {
            return Refusal.NotFound($"There is no trace {id}.");
        }

        await store.DeleteAsync(id);
        await ChangeAsync(_orders with { Traces = _orders.Traces.Remove(stopped) });
        return stopped;
    }

    // Gateways go by the times themselves, so nobody has to be told.
    private async Task EndOverdueAsync()
    {
        var now = time.GetUtcNow();
        string[] overdue =
        [
            .. _orders.Bans.Where(ban => ban.Until <= now).Select(static ban => ban.Id),
            .. _orders.Traces.Where(trace => trace.Until <= now).Select(static trace => trace.Id),
        ];
        if (overdue.Length == 0)
        {
            return;
        }

        _orders = Renewed(_orders with { Bans = _orders.Bans.RemoveAll(ban => ban.Until <= now), Traces = _orders.Traces.RemoveAll(trace => trace.Until <= now) });
        foreach (var id in overdue)
        {
            await store.DeleteAsync(id);
        }
    }

    private StandingOrders Renewed(StandingOrders orders) => orders with { Version = Math.Max(_orders.Version + 1, time.GetUtcNow().UtcTicks) };

    // The order stands, whoever could be told: a gateway asks by itself, every few seconds.
    private async Task ChangeAsync(StandingOrders orders)
    {
        _orders = Renewed(orders);
        try
        {
            var gateways = await GrainFactory.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).ListAsync();
            await Task.WhenAll(gateways.Gateways.Select(TellAsync));
        }
        catch (Exception exception)
        {
            LogNoneTold(logger, exception);
        }
    }

    private async Task TellAsync(GatewayLease gateway)
    {
        try
        {
            await gateway.Shards[0].ObeyAsync(_orders);
        }
        catch (Exception exception)
        {
            LogNotTold(logger, exception, gateway.Gateway);
        }
    }

    [LoggerMessage(3601, LogLevel.Warning, "Gateway {Gateway} could not be told its standing orders; it asks for them soon")]
    private static partial void LogNotTold(ILogger logger, Exception exception, GatewayId gateway);

    [LoggerMessage(3602, LogLevel.Warning, "The gateways could not be told their standing orders; they ask for them soon")]
    private static partial void LogNoneTold(ILogger logger, Exception exception);
}
