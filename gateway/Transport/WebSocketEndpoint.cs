using System.Net;
using IotPlatform.Grpc.Health;
using IotPlatform.Hosting;
using IotPlatform.Sessions;
using IotPlatform.Transport.Limits;
using IotPlatform.Transport.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport;

/// <summary>Takes MQTT connections over WebSocket. What can not become one is refused with HTTP's own words.</summary>
internal sealed class WebSocketEndpoint(
    MqttConnectionFactory connections,
    Door door,
    Lingering lingering,
    HealthState health,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILogger<ChannelConnection> logger)
{
    public const string Path = "/mqtt";

    // [MQTT-6.0.0-3] and [MQTT-6.0.0-4]
    private const string SubProtocol = "mqtt";

    /// <summary>Serves one connection to its end.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        if (RefusalOf(http) is var (status, reason))
        {
            await RefuseAsync(http, status, reason);
            return;
        }

        // On the port that serves nothing else, connections are counted when they come.
        var client = PeerOf(http);
        if (http.Features.Get<SecureWebSocketVisit>() is not null)
        {
            await ServeAsync(http, client);
        }
        else if (!door.TryEnter())
        {
            await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, "The gateway has as many connections as it takes.");
        }
        else if (!door.TryIntroduce(client))
        {
            await RefuseAsync(http, StatusCodes.Status429TooManyRequests, "There are as many connections from this address as the gateway takes.");
        }
        else
        {
            await ServeCountedAsync(http, client);
        }
    }

    private async Task ServeCountedAsync(HttpContext http, IPEndPoint client)
    {
        try
        {
            await ServeAsync(http, client);
        }
        finally
        {
            door.Leave(client);
        }
    }

    private async Task ServeAsync(HttpContext http, IPEndPoint client)
    {
        // A slow client is the connection's own matter, as with the other transports.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // MQTT has a keep-alive of its own, which costs no timer a connection.
        using var socket = await http.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { SubProtocol = SubProtocol, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var channel = new WebSocketChannel(socket, http.Abort, time);
        var connection = new ChannelConnection(ConnectionIds.Next(), channel, client, options.Value.PendingBytesMax, lingering, left: static _ => { }, logger)
        {
            CertificateName = http.Connection.ClientCertificate is { } certificate ? CertificateName.Of(certificate) : null,
        };
        connection.Start(connections.Create(connection));
        await channel.Ended;
    }

    private (int Status, string Reason)? RefusalOf(HttpContext http) =>
        !http.WebSockets.IsWebSocketRequest ? (StatusCodes.Status400BadRequest, "This is MQTT over WebSocket: connect with a WebSocket client.")
        : !http.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol, StringComparer.Ordinal)
            ? (StatusCodes.Status400BadRequest, $"The WebSocket subprotocol must be \"{SubProtocol}\".")
        : !health.IsServing ? (StatusCodes.Status503ServiceUnavailable, "The gateway takes no connections now.")
        : null;

    private static Task RefuseAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(reason + "\n");
    }

    private static IPEndPoint PeerOf(HttpContext http) =>
        ClientAddress.Of(http.Connection.RemoteIpAddress ?? IPAddress.None, http.Connection.RemotePort);
}
