using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Transport.Limits;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport.Tls;

/// <summary>Makes TLS of sockets, not too many at once: a handshake costs far more than the client that asks for it.</summary>
internal sealed partial class TlsHandshakes(
    TlsCertificates certificates, IOptions<GatewayOptions> options, GatewayInstruments instruments, ILogger<TlsHandshakes> logger)
{
    private int _count;

    /// <summary>Whether one more may begin. It is ended with <see cref="End"/>.</summary>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _count) > options.Value.Limits.TlsHandshakesMax)
        {
            Interlocked.Decrement(ref _count);
            instruments.ConnectionRefused(RefusalReason.TlsHandshakes);
            return false;
        }

        return true;
    }

    /// <summary>One that was begun is done, or has failed.</summary>
    public void End() => Interlocked.Decrement(ref _count);

    /// <returns>Null when it failed; the socket is closed then.</returns>
    /// <param name="socket">A socket that nothing of TLS has been received from.</param>
    /// <param name="client">Where it comes from.</param>
    /// <param name="patience">Ends the handshake.</param>
    public async Task<TlsChannel?> OpenAsync(Socket socket, EndPoint client, CancellationToken patience)
    {
        if (!TryBegin())
        {
            socket.Dispose();
            return null;
        }

        try
        {
            return await ShakeHandsAsync(socket, client, patience).ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    private async Task<TlsChannel?> ShakeHandsAsync(Socket socket, EndPoint client, CancellationToken patience)
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
