namespace IotPlatform.Transport.Tls;

/// <summary>A feature of the HTTP connections on the port for MQTT over WebSocket over TLS, which were counted when they came.</summary>
internal sealed class SecureWebSocketVisit(TlsHandshakes handshakes)
{
    private int _isHandshakeOver;

    /// <summary>Its handshake is done, or has failed. May be said more than once.</summary>
    public void EndHandshake()
    {
        if (Interlocked.Exchange(ref _isHandshakeOver, 1) == 0)
        {
            handshakes.End();
        }
    }
}
