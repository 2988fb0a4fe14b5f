namespace IotPlatform.Transport;

/// <summary>What is done with a connection's bytes. Called by one thread at a time.</summary>
internal interface IConnectionHandler
{
    /// <summary>Takes whole packets from the front of what was received.</summary>
    /// <param name="received">Everything not taken so far.</param>
    /// <param name="needed">How many bytes the next packet needs in all, as far as that is known; a limit was checked.</param>
    /// <returns>How many bytes were taken, and whether to go on.</returns>
    (int Taken, ReceiveOutcome Outcome) Received(ReadOnlySpan<byte> received, out int needed);

    /// <summary>The connection is gone. Called once, last.</summary>
    void Closed();
}
