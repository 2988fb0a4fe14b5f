using IotPlatform.Broadcasts;
using IotPlatform.Clients;
using IotPlatform.Devices;
using IotPlatform.Orders;
using IotPlatform.Products;
using IotPlatform.Sessions;
using Orleans.Concurrency;

namespace IotPlatform.Gateways;

/// <summary>
/// One shard of a gateway's connections, as grains see it. Broadcasts to one observer run one at a time, hence several
/// a gateway; what concerns a single connection does not wait for them.
/// </summary>
[Alias("iot.gateway-observer")]
public interface IGatewayObserver : IGrainObserver
{
    /// <summary>Writes messages to one connection, in their order, and says what became of each.</summary>
    [Alias("deliver"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<DeliverReply> DeliverAsync(DeliverRequest request);

    /// <summary>Closes one connection. Done when it is already gone.</summary>
    [Alias("close"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task CloseAsync(CloseRequest request);

    /// <summary>
    /// Writes broadcasts to every connection of the shard that they concern, in their order. A broadcast it has written before is not written
    /// again: the earlier tally is the answer.
    /// </summary>
    [Alias("broadcast"), ResponseTimeout("00:00:05")]
    Task<BroadcastTallies> BroadcastAsync(BroadcastBatch batch);

    /// <summary>Writes what sessions have for their clients. A message that a connection has been given before is not written again.</summary>
    [Alias("push"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<SessionPushReply> PushAsync(SessionPushBatch batch);

    /// <summary>A product changed: logins are judged anew, and connections of a disabled or deleted product are closed.</summary>
    [Alias("product-changed"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task ProductChangedAsync(string productKey, ProductView? product);

    /// <summary>The tags of one connection's device have changed. Nothing happens when it is already gone.</summary>
    [Alias("tags-changed"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task TagsChangedAsync(long connectionId, DeviceTags tags);

    /// <summary>One connected client, or null.</summary>
    [Alias("find-client"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<ClientView?> FindClientAsync(long connectionId);

    /// <summary>Connected clients of the shard.</summary>
    [Alias("list-clients"), AlwaysInterleave, ResponseTimeout("00:00:10")]
    Task<ClientList> ListClientsAsync(ClientQuery query);

    /// <summary>Orders for the whole gateway have changed. Older ones than it has are ignored.</summary>
    [Alias("obey"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task ObeyAsync(StandingOrders orders);

    /// <summary>What the whole gateway has noted for a trace, from a number on.</summary>
    [Alias("read-trace"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<TraceReading> ReadTraceAsync(string traceId, long from, int size);
}
