namespace IotPlatform.Mqtt.Tests.Support;

/// <summary>A PINGREQ or a PINGRESP.</summary>
internal sealed record PingValue(PacketType Type);
