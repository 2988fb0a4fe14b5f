namespace IotPlatform.Mqtt;

/// <summary>Who sent a packet. MQTT 5.0 allows some reason codes and properties to one side only.</summary>
public enum Sender : byte
{
    /// <summary>The packet came from a client: what a server reads.</summary>
    Client = 0,

    /// <summary>The packet came from a server: what a client reads.</summary>
    Server = 1,
}
