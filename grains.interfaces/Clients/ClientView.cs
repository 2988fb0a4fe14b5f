using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Sessions;

namespace IotPlatform.Clients;

/// <summary>A connected client, as its gateway sees it. Counts begin with its connection.</summary>
/// <param name="Device">The device that it has logged in as.</param>
/// <param name="ClientId">Its MQTT client id.</param>
/// <param name="Gateway">The gateway that holds its connection.</param>
/// <param name="ConnectionId">The connection's number at that gateway.</param>
/// <param name="Protocol">The version it speaks.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Since">When it logged in.</param>
/// <param name="SessionExpiry">How long its session is to outlive the connection; zero: not at all.</param>
/// <param name="Subscriptions">What it is subscribed to.</param>
/// <param name="InFlight">QoS 1 and 2 messages that it has not acknowledged.</param>
/// <param name="QueuedMessages">Messages that wait at the gateway behind those.</param>
/// <param name="QueuedBytes">Their bytes.</param>
/// <param name="PendingBytes">Bytes that its connection has not taken yet.</param>
/// <param name="Traffic">What has come and gone.</param>
[GenerateSerializer, Immutable, Alias("iot.client-view")]
public sealed record ClientView(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] string ClientId,
    [property: Id(2)] GatewayId Gateway,
    [property: Id(3)] long ConnectionId,
    [property: Id(4)] DeviceProtocol Protocol,
    [property: Id(5)] string Address,
    [property: Id(6)] DateTimeOffset Since,
    [property: Id(7)] TimeSpan SessionExpiry,
    [property: Id(8)] ImmutableArray<SessionSubscription> Subscriptions,
    [property: Id(9)] int InFlight,
    [property: Id(10)] int QueuedMessages,
    [property: Id(11)] long QueuedBytes,
    [property: Id(12)] long PendingBytes,
    [property: Id(13)] ClientTraffic Traffic);
