using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>One connection, as named in every call from a gateway. A gateway's epoch is new at each start, so that old attachments are void.</summary>
[GenerateSerializer, Immutable, Alias("iot.attachment")]
public readonly record struct Attachment([property: Id(0)] GatewayId Gateway, [property: Id(1)] long Epoch, [property: Id(2)] long ConnectionId);
