namespace IotPlatform.Mqtt;

/// <summary>The protocol level a CONNECT names (MQTT 3.1.1 and 5.0, section 3.1.2.2).</summary>
public enum ProtocolVersion : byte
{
    /// <summary>MQTT 3.1.1, protocol level 4.</summary>
    Mqtt311 = 4,

    /// <summary>MQTT 5.0, protocol version 5.</summary>
    Mqtt500 = 5,
}
