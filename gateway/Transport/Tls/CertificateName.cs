using System.Security.Cryptography.X509Certificates;

namespace IotPlatform.Transport.Tls;

/// <summary>The common name of a certificate.</summary>
internal static class CertificateName
{
    /// <summary>id-at-commonName (X.520).</summary>
    private const string CommonName = "2.5.4.3";

    /// <returns>Null when there is none, or more than one: then it is not said which of them counts.</returns>
    public static string? Of(X509Certificate2 certificate)
    {
        string? found = null;
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements || part.GetSingleElementType().Value != CommonName)
            {
                continue;
            }

            if (found is not null)
            {
                return null;
            }

            found = part.GetSingleElementValue();
        }

        return found;
    }
}
