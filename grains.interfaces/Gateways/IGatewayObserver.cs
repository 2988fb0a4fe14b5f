using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Products;
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
    [Alias("deliver"), AlwaysInterleave]
    Task<DeliverReply> DeliverAsync(DeliverRequest request);

    /// <summary>Closes one connection. Done when it is already gone.</summary>
    [Alias("close"), AlwaysInterleave]
    Task CloseAsync(CloseRequest request);

    /// <summary>
    /// Writes broadcasts to every connection of the shard that they concern, in their order. A broadcast it has written before is not written
    /// again: the earlier tally is the answer.
    /// </summary>
    [Alias("broadcast"), ResponseTimeout("00:00:10")]
    Task<BroadcastTallies> BroadcastAsync(BroadcastBatch batch);

    /// <summary>A product changed: logins are judged anew, and connections of a disabled or deleted product are closed.</summary>
    [Alias("product-changed"), AlwaysInterleave]
    Task ProductChangedAsync(string productKey, ProductView? product);
}

/// <summary>Messages for one connection.</summary>
[GenerateSerializer, Immutable, Alias("iot.deliver-request")]
public sealed record DeliverRequest([property: Id(0)] long ConnectionId, [property: Id(1)] ImmutableArray<Delivery> Deliveries);

/// <summary>One message for one connection.</summary>
/// <param name="MessageId">Named in the acknowledgement.</param>
/// <param name="Topic">The topic it goes out on.</param>
/// <param name="Payload">What the device gets.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="IsDuplicate">It has been written before: sets the DUP flag.</param>
/// <param name="NeedsSubscription">Written only when the device is subscribed to the topic.</param>
[GenerateSerializer, Immutable, Alias("iot.delivery")]
public sealed record Delivery(
    [property: Id(0)] string MessageId,
    [property: Id(1)] string Topic,
    [property: Id(2)] ReadOnlyMemory<byte> Payload,
    [property: Id(3)] int QoS,
    [property: Id(4)] bool IsDuplicate,
    [property: Id(5)] bool NeedsSubscription);

/// <summary>What became of each delivery, in their order.</summary>
[GenerateSerializer, Immutable, Alias("iot.deliver-reply")]
public sealed record DeliverReply([property: Id(0)] ImmutableArray<DeliveryOutcome> Outcomes);

/// <summary>What became of one delivery.</summary>
[GenerateSerializer, Alias("iot.delivery-outcome")]
public enum DeliveryOutcome
{
    /// <summary>On its way: in the connection's socket, or in order behind earlier bytes.</summary>
    Written,

    /// <summary>The connection is gone.</summary>
    NotConnected,

    /// <summary>The connection is not open towards the device yet; its gateway will call when it is.</summary>
    NotOpen,

    /// <summary>The device is not subscribed to the topic; its gateway will call when it subscribes.</summary>
    NotSubscribed,

    /// <summary>The connection takes no more just now: its queue or its window is full.</summary>
    Full,

    /// <summary>Larger than the device takes (MQTT 5.0 Maximum Packet Size).</summary>
    TooLarge,
}

/// <summary>Closes one connection.</summary>
[GenerateSerializer, Immutable, Alias("iot.close-request")]
public sealed record CloseRequest([property: Id(0)] long ConnectionId, [property: Id(1)] CloseReason Reason);

/// <summary>Why a grain closes a connection.</summary>
[GenerateSerializer, Alias("iot.close-reason")]
public enum CloseReason
{
    /// <summary>A newer connection of the same device.</summary>
    TakenOver,

    /// <summary>The device or its product was disabled or deleted.</summary>
    NotAuthorized,
}
