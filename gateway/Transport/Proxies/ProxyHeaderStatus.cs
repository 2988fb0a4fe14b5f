namespace IotPlatform.Transport.Proxies;

/// <summary>What was found at the front of a connection.</summary>
internal enum ProxyHeaderStatus
{
    /// <summary>A header so far.</summary>
    NeedMore,

    /// <summary>A header.</summary>
    Complete,

    /// <summary>No header, or none that may be there.</summary>
    Malformed,
}
