namespace IotPlatform.Transport;

/// <summary>What became of bytes that were to be sent.</summary>
internal enum SendOutcome
{
    /// <summary>In the socket, or in order behind earlier bytes.</summary>
    Sent,

    /// <summary>None of them: the peer is too slow, and what waits for it has reached its bound.</summary>
    Full,

    /// <summary>None of them: the connection is gone.</summary>
    Closed,
}
