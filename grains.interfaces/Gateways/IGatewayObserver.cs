using IotPlatform.Broadcasts;
using IotPlatform.Clients;
using IotPlatform.Devices;
using IotPlatform.Orders;
using IotPlatform.Products;
using IotPlatform.Sessions;
using Orleans.Concurrency;

namespace IotPlatform.Gateways;

/// <summary>
/// One shard of a gateway's connections, as grains see it. Calls run at once: what concerns a single connection waits for no broadcast, and the broadcasts of
/// different products take turns.
/// </summary>
[Alias("iot.gateway-observer")]
public interface IGatewayObserver : IGrainObserver
{
    /// <summary>Writes messages to one connection, in their order, and says what became of each.</summary>
    [Alias("deliver"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<DeliverReply> DeliverAsync(DeliverRequest request);

    /// <summary>The same for several connections. What becomes of one of them does not concern the others.</summary>
    [Alias("deliver-all"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<DeliverBatchReply> DeliverAllAsync(DeliverBatch batch);

    /// <summary>Writes a request to one connection, and waits for what its device answers, or for the end of the connection, or of the request's time.</summary>
    [Alias("invoke"), AlwaysInterleave, ResponseTimeout("00:00:35")]
    Task<Reply<InvocationResult>> InvokeAsync(InvokeRequest request, CancellationToken cancellationToken);

    /// <summary>Closes one connection. Done when it is already gone.</summary>
    [Alias("close"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task CloseAsync(CloseRequest request);

    /// <summary>
    /// Writes broadcasts to every connection of the shard that they concern, in their order, or puts those in line that have a rate. A broadcast that it has been
    /// given before is not written again: the earlier tally is the answer.
    /// </summary>
    [Alias("broadcast"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<BroadcastTallies> BroadcastAsync(BroadcastBatch batch);

    /// <summary>Goes on with lasting broadcasts, and says how far they are.</summary>
    [Alias("follow-broadcasts"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<BroadcastProgressReply> FollowAsync(BroadcastSteps steps);

    /// <summary>Writes a QoS 1 broadcast again to devices that have not acknowledged it.</summary>
    [Alias("retry-broadcast"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task RetryAsync(RetryRequest request);

    /// <summary>Devices of the shard that have a QoS 1 broadcast and have not acknowledged it, in the order of their names.</summary>
    [Alias("list-unacknowledged"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<DeviceNamePage> ListUnacknowledgedAsync(long messageId, string? after, int size);

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
