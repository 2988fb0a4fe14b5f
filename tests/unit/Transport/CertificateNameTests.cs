using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IotPlatform.Transport.Tls;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>Whom a certificate names.</summary>
public sealed class CertificateNameTests
{
    [Theory]
    [InlineData("CN=lamp1&demo", "lamp1&demo")]
    [InlineData("O=Makers, CN=lamp1&demo, OU=Lamps", "lamp1&demo")]
    [InlineData("O=lamp1&demo", null)]
    [InlineData("CN=lamp1&demo, CN=lamp2&demo", null)]
    [InlineData("O=\"CN=lamp1&demo\"", null)]
    public void CommonName_IsFound_WhereThereIsOne(string subject, string? expected)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
        Assert.Equal(expected, CertificateName.Of(certificate));
    }
}
