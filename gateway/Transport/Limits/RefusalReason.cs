namespace IotPlatform.Transport.Limits;

/// <summary>Why a connection was closed before its CONNECT was read, as its metric names it.</summary>
internal static class RefusalReason
{
    public const string Connections = "connections";
    public const string ConnectionsPerAddress = "connections_per_address";
    public const string TlsHandshakes = "tls_handshakes";
    public const string ProxyHeader = "proxy_header";
}
