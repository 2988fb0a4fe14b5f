using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using IotPlatform.Hosting;

namespace IotPlatform.Transport.Tls;

/// <summary>What is in the files of <see cref="TlsOptions"/> at one moment.</summary>
internal sealed record TlsFiles(byte[] Certificate, byte[] Key, byte[] Authorities)
{
    /// <exception cref="IOException">One of them can not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">One of them may not be read.</exception>
    public static TlsFiles Read(TlsOptions options)
    {
        var certificate = File.ReadAllBytes(options.CertificateFile!);
        return new TlsFiles(
            certificate,
            options.KeyFile is null ? certificate : File.ReadAllBytes(options.KeyFile),
            options.ClientCertificates == ClientCertificates.None ? [] : File.ReadAllBytes(options.ClientAuthorityFile!));
    }

    /// <summary>Whether an exception says no more than that the files are not there, or not right.</summary>
    public static bool IsFault(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    public bool HasSameContent(TlsFiles other) =>
        Certificate.AsSpan().SequenceEqual(other.Certificate) && Key.AsSpan().SequenceEqual(other.Key) && Authorities.AsSpan().SequenceEqual(other.Authorities);

    /// <exception cref="CryptographicException">They do not hold what they should, or do not belong together.</exception>
    /// <exception cref="ArgumentException">There is no certificate, or no key.</exception>
    public TlsMaterial ToMaterial()
    {
        var chain = CertificatesIn(Certificate);
        var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(Certificate), Encoding.ASCII.GetString(Key));

        // Offline: what is between it and its root is in the file, and nothing is fetched for it.
        var context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        var authorities = CertificatesIn(Authorities);
        return Authorities.Length > 0 && authorities.Count == 0
            ? throw new CryptographicException("The file of the client authorities holds no certificate.")
            : new TlsMaterial(context, authorities);
    }

    private static X509Certificate2Collection CertificatesIn(byte[] pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(Encoding.ASCII.GetString(pem));
        return certificates;
    }
}
