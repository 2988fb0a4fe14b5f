using System.Net;
using IotPlatform.Hosting;
using IotPlatform.Transport.Limits;
using IotPlatform.Transport.Proxies;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport.Tls;

/// <summary>
/// The HTTP server's port for MQTT over WebSocket over TLS. Nothing else is served there, so its connections are let in, and shake hands, as those of the
/// port for MQTT over TLS.
/// </summary>
internal sealed class SecureWebSocketPort(
    Door door, ProxyProtocol proxies, TlsHandshakes handshakes, TlsCertificates certificates, IOptions<GatewayOptions> options, TimeProvider time)
{
    public void Configure(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => EnterAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = options.Value.ConnectTimeout,
            OnConnection = _ => ValueTask.FromResult(certificates.ForHandshake()),
        });
        listen.Use(static next => connection =>
        {
            connection.Features.Get<SecureWebSocketVisit>()!.EndHandshake();
            return next(connection);
        });
    }

    /// <summary>Keeps everything else on the port out, in front of whatever else would serve it.</summary>
    public static Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<SecureWebSocketVisit>() is null || http.Request.Path == WebSocketEndpoint.Path)
        {
            return next(http);
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private async Task EnterAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!door.TryEnter())
        {
            return;
        }

        if (await FindClientAsync(connection) is not { } client)
        {
            door.Leave();
            return;
        }

        if (!door.TryIntroduce(client))
        {
            return;
        }

        connection.RemoteEndPoint = client;
        try
        {
            await ShakeHandsAsync(connection, next);
        }
        finally
        {
            door.Leave(client);
        }
    }

    private async ValueTask<IPEndPoint?> FindClientAsync(ConnectionContext connection)
    {
        var peer = connection.RemoteEndPoint is IPEndPoint known ? ClientAddress.Of(known.Address, known.Port) : new IPEndPoint(IPAddress.None, 0);
        if (!proxies.IsExpectedFrom(peer.Address))
        {
            return peer;
        }

        using var patience = new CancellationTokenSource(options.Value.ConnectTimeout, time);
        return await proxies.FindClientAsync(connection.Transport.Input, peer, patience.Token);
    }

    private async Task ShakeHandsAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!handshakes.TryBegin())
        {
            return;
        }

        var visit = new SecureWebSocketVisit(handshakes);
        connection.Features.Set(visit);
        try
        {
            await next(connection);
        }
        finally
        {
            visit.EndHandshake();
        }
    }
}
