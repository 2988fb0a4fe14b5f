using IotPlatform.Devices;

namespace IotPlatform.Gateways;

/// <summary>A request for the device of one connection.</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="Generation">Of the attach that the grain knows the connection by, as with a <see cref="DeliverRequest"/>.</param>
/// <param name="RequestId">Names the request in the device's topics.</param>
/// <param name="Request">The request.</param>
[GenerateSerializer, Immutable, Alias("iot.invoke-request")]
public sealed record InvokeRequest(
    [property: Id(0)] long ConnectionId, [property: Id(1)] long Generation, [property: Id(2)] string RequestId, [property: Id(3)] InvokeDevice Request);
