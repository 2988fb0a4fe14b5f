namespace IotPlatform.Orders;

/// <summary>What all gateways are to do until further notice. Key: <see cref="GrainKey"/>. What has been answered is durable, and known to every gateway that could be reached.</summary>
[Alias("iot.standing-orders-grain")]
public interface IStandingOrdersGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string GrainKey = "orders/all";

    /// <summary>How long a gateway that could not be reached goes by what it knows.</summary>
    static TimeSpan AgeMax => TimeSpan.FromSeconds(5);

    /// <summary>All that stand; null where that is what the caller knows.</summary>
    [Alias("get"), ResponseTimeout("00:00:05")]
    Task<StandingOrders?> GetAsync(long knownVersion);

    /// <summary>Bans somebody; over an earlier ban of the same device or network. Refused when there are too many.</summary>
    [Alias("ban")]
    Task<Reply<Ban>> BanAsync(Ban ban);

    /// <summary>Lifts a ban. Refused when there is none.</summary>
    [Alias("lift-ban")]
    Task<Reply<Ban>> LiftBanAsync(string id);

    /// <summary>Has packets noted. Refused when too many traces stand.</summary>
    [Alias("start-trace")]
    Task<Reply<TraceOrder>> StartTraceAsync(TraceOrder trace);

    /// <summary>Ends a trace, and forgets what was noted. Refused when there is none.</summary>
    [Alias("stop-trace")]
    Task<Reply<TraceOrder>> StopTraceAsync(string id);
}
