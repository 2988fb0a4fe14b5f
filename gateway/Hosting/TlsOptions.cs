using IotPlatform.Transport.Tls;

namespace IotPlatform.Hosting;

/// <summary>
/// MQTT over TLS 1.2 and 1.3, and over WebSocket over TLS. Files are PEM, and are read again when they change: new connections get what is new, those that
/// are open stay. Section <c>Mqtt:Tls</c>.
/// </summary>
public sealed class TlsOptions
{
    /// <summary>The server's certificate, followed by those between it and its root. Default: none, and with it no TLS.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The certificate's private key, not encrypted. Default: in the file of the certificate.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The port for MQTT over TLS; 0 for a free one. Default 8883, as assigned by IANA.</summary>
    public int Port { get; set; } = 8883;

    /// <summary>The port for MQTT over WebSocket over TLS, at <c>/mqtt</c>; nothing else is served there. Default 8084.</summary>
    public int WebSocketPort { get; set; } = 8084;

    /// <summary>
    /// How often the files are compared with what was read: their contents, because a mounted secret changes behind a link that stays as it is.
    /// Default 10 s.
    /// </summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether clients show certificates. Default: they are not asked to.</summary>
    public ClientCertificates ClientCertificates { get; set; }

    /// <summary>
    /// The certificates that clients' ones are issued under. Nothing else is trusted, and revocation lists are not read: a device that is disabled or deleted
    /// is refused. Needed when <see cref="ClientCertificates"/> asks for any.
    /// </summary>
    public string? ClientAuthorityFile { get; set; }

    /// <summary>What a client's certificate says of who it is. Default: nothing.</summary>
    public ClientCertificateIdentity ClientCertificateIdentity { get; set; }
}
