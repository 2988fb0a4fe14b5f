using IotPlatform.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace IotPlatform.Transport.Tls;

/// <summary>How the HTTP server listens for MQTT over WebSocket over TLS.</summary>
internal static class TlsListenExtensions
{
    /// <summary>TLS as on the port for MQTT over TLS, and nothing but WebSockets in it.</summary>
    public static void UseMqttOverTls(this ListenOptions listen, GatewayOptions options)
    {
        var certificates = listen.ApplicationServices.GetRequiredService<TlsCertificates>();
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(static next => connection =>
        {
            connection.Features.Set(OnlyMqtt.Instance);
            return next(connection);
        });
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = options.ConnectTimeout,
            OnConnection = _ => ValueTask.FromResult(certificates.ForHandshake()),
        });
    }
}
