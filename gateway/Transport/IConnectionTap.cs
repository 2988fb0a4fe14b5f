namespace IotPlatform.Transport;

/// <summary>Sees what is sent on a connection.</summary>
internal interface IConnectionTap
{
    /// <summary>Packets were handed in to be sent.</summary>
    /// <param name="packets">Whole packets.</param>
    /// <param name="outcome">What the connection said.</param>
    void Sent(ReadOnlySpan<byte> packets, SendOutcome outcome);
}
