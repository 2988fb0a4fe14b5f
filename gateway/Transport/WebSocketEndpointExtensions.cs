using IotPlatform.Api.Access;
using IotPlatform.Transport.Tls;

namespace IotPlatform.Transport;

/// <summary>How a host serves MQTT over WebSocket.</summary>
internal static class WebSocketEndpointExtensions
{
    /// <summary>Maps <see cref="WebSocketEndpoint.Path"/>, open to callers without an API key: devices log in with CONNECT.</summary>
    public static void MapMqttOverWebSocket(this WebApplication app)
    {
        app.UseWebSockets();
        app.Use(SecureWebSocketPort.ServeAsync);
        app.Map(WebSocketEndpoint.Path, app.Services.GetRequiredService<WebSocketEndpoint>().HandleAsync).OpenToAll();
    }
}
