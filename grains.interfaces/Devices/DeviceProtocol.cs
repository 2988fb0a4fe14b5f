
namespace IotPlatform.Devices;

/// <summary>The MQTT versions of devices. They differ in what a server may resend.</summary>
[GenerateSerializer, Alias("iot.device-protocol")]
public enum DeviceProtocol
{
    /// <summary>MQTT 3.1.1: an unacknowledged message may be sent again on the same connection.</summary>
    Mqtt311 = 4,

    /// <summary>MQTT 5.0: an unacknowledged message is sent again only on a new connection [MQTT-4.4.0-1].</summary>
    Mqtt500 = 5,
}
