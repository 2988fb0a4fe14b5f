using IotPlatform.Orders;

namespace IotPlatform.Storage;

/// <summary>What gateways are to do until further notice. Every write is durable when its task completes.</summary>
public interface IStandingOrderStore
{
    /// <summary>All of them, those that are past their time as well.</summary>
    Task<StandingOrders> LoadAsync();

    /// <summary>Stores a ban, over an earlier one of its id.</summary>
    Task SaveAsync(Ban ban);

    /// <summary>Stores a trace.</summary>
    Task SaveAsync(TraceOrder trace);

    /// <summary>Deletes a ban or a trace, if it is there.</summary>
    Task DeleteAsync(string id);
}
