
namespace IotPlatform.Gateways;

/// <summary>Closes one connection.</summary>
[GenerateSerializer, Immutable, Alias("iot.close-request")]
public sealed record CloseRequest([property: Id(0)] long ConnectionId, [property: Id(1)] CloseReason Reason);
