using System.Net;

namespace IotPlatform.Transport;

/// <summary>One connection's bytes, whatever carries them.</summary>
internal interface IConnection
{
    /// <summary>Unique in this process.</summary>
    long Id { get; }

    EndPoint RemoteEndPoint { get; }

    /// <summary>The common name of the certificate that the client has shown to own; null without one, as everywhere but in TLS.</summary>
    string? CertificateName => null;

    /// <summary>
    /// Sends all of the bytes, or none: at once as far as the peer takes them, the rest in order behind what is already waiting. Never blocks, and
    /// the bytes are the caller's own again when it returns.
    /// </summary>
    SendOutcome Send(ReadOnlySpan<byte> bytes);

    /// <summary>Whether bytes wait for the peer to take them.</summary>
    bool IsBacklogged { get; }

    /// <summary>Bytes that wait for the peer to take them.</summary>
    int BytesPending => 0;

    /// <summary>Bytes that were taken for sending since it began.</summary>
    long BytesSent => 0;

    /// <summary>Sees what is sent; null: nobody does.</summary>
    IConnectionTap? Tap
    {
        get => null;
        set
        {
        }
    }

    /// <summary>Goes on receiving after its handler asked for a pause.</summary>
    void Resume();

    /// <summary>Ends the connection, after what is waiting where <paramref name="isGraceful"/>. May be called often and from anywhere.</summary>
    void Close(bool isGraceful);

    /// <summary>Sends a last packet as far as there is room for it, and ends the connection after it: whoever else sends comes before, or is told that it is closed.</summary>
    void CloseWith(ReadOnlySpan<byte> lastPacket);
}
