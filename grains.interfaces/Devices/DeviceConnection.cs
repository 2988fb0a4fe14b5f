using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>A device's connection, now or last.</summary>
/// <param name="IsOnline">Whether it is connected.</param>
/// <param name="Gateway">The gateway that holds, or held, the connection.</param>
/// <param name="Since">Online or offline since.</param>
/// <param name="LastSeen">When it was last heard of.</param>
/// <param name="Protocol">The MQTT version it speaks.</param>
/// <param name="ClientAddress">Its address and port.</param>
[GenerateSerializer, Immutable, Alias("iot.device-connection")]
public sealed record DeviceConnection(
    [property: Id(0)] bool IsOnline,
    [property: Id(1)] GatewayId Gateway,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] DateTimeOffset LastSeen,
    [property: Id(4)] DeviceProtocol Protocol,
    [property: Id(5)] string ClientAddress);
