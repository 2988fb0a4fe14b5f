namespace IotPlatform.Sessions;

/// <summary>Where a connection stands: only forward.</summary>
internal enum ConnectionState
{
    /// <summary>Its first packet must be CONNECT.</summary>
    AwaitingConnect,

    /// <summary>It is asked to prove who it is (section 4.12), and may send AUTH and DISCONNECT only.</summary>
    Authenticating,

    /// <summary>Its login is being judged; it sends nothing that is read meanwhile.</summary>
    Attaching,

    /// <summary>CONNACK has been written.</summary>
    Open,

    /// <summary>It is being closed, or gone.</summary>
    Closed,
}
