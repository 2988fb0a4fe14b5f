namespace IotPlatform.Transport.Tls;

/// <summary>What a client's certificate says of who it is.</summary>
public enum ClientCertificateIdentity
{
    /// <summary>Nothing: it opens the connection, and the client logs in as usual.</summary>
    None,

    /// <summary>Its common name is the device's user name, <c>{deviceName}&amp;{productKey}</c>, and proves that it is that device.</summary>
    CommonName,
}
