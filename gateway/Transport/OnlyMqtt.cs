namespace IotPlatform.Transport;

/// <summary>A feature of HTTP connections that serve MQTT over WebSocket and nothing else.</summary>
internal sealed class OnlyMqtt
{
    public static OnlyMqtt Instance { get; } = new();
}
