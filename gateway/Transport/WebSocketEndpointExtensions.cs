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

        // Not before it is used: a gateway can make its observers when it has joined a cluster, and is mapped before.
        app.Map(WebSocketEndpoint.Path, static context => context.RequestServices.GetRequiredService<WebSocketEndpoint>().HandleAsync(context)).OpenToAll();
    }
}
