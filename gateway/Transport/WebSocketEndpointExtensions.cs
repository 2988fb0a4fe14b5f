using IotPlatform.Api.Access;

namespace IotPlatform.Transport;

/// <summary>How a host serves MQTT over WebSocket.</summary>
internal static class WebSocketEndpointExtensions
{
    /// <summary>Maps <see cref="WebSocketEndpoint.Path"/>, open to callers without an API key: devices log in with CONNECT.</summary>
    public static void MapMqttOverWebSocket(this WebApplication app)
    {
        app.UseWebSockets();
        app.Use(static (http, next) =>
        {
            if (http.Features.Get<OnlyMqtt>() is null || http.Request.Path == WebSocketEndpoint.Path)
            {
                return next(http);
            }

            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.Map(WebSocketEndpoint.Path, app.Services.GetRequiredService<WebSocketEndpoint>().HandleAsync).OpenToAll();
    }
}
