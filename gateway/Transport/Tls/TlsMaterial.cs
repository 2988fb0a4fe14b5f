using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace IotPlatform.Transport.Tls;

/// <summary>What handshakes are made with.</summary>
/// <param name="Certificate">The server's certificate, its key, and what is between it and its root.</param>
/// <param name="ClientAuthorities">What clients' certificates are trusted under.</param>
internal sealed record TlsMaterial(SslStreamCertificateContext Certificate, X509Certificate2Collection ClientAuthorities);
