using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using IotPlatform.Diagnostics;

namespace IotPlatform.Transport.Tls;

/// <summary>Makes TLS of sockets.</summary>
internal sealed partial class TlsHandshakes(TlsCertificates certificates, GatewayInstruments instruments, ILogger<TlsHandshakes> logger)
{
    /// <returns>Null when it failed; the socket is closed then.</returns>
    /// <param name="socket">A socket that nothing has been received from.</param>
    /// <param name="client">Where it comes from.</param>
    /// <param name="patience">Ends the handshake.</param>
    public async Task<TlsChannel?> OpenAsync(Socket socket, EndPoint client, CancellationToken patience)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsServerAsync(certificates.ForHandshake(), patience).ConfigureAwait(false);
            instruments.TlsHandshake("Success");
            return new TlsChannel(socket, stream);
        }
        catch (Exception exception) when (exception is AuthenticationException || ChannelFault.IsEnd(exception))
        {
            instruments.TlsHandshake(patience.IsCancellationRequested ? "Timeout" : "Failed");
            LogFailed(logger, exception, client);
            await stream.DisposeAsync().ConfigureAwait(false);
            return null;
        }
    }

    [LoggerMessage(4013, LogLevel.Debug, "A TLS handshake with {Address} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, EndPoint address);
}
