namespace IotPlatform.Transport.Tls;

/// <summary>Whether clients show certificates.</summary>
public enum ClientCertificates
{
    /// <summary>They are not asked to.</summary>
    None,

    /// <summary>One that is shown must be right; without one, the client logs in as usual.</summary>
    Optional,

    /// <summary>Without a right one there is no connection.</summary>
    Required,
}
