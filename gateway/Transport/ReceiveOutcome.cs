namespace IotPlatform.Transport;

/// <summary>How receiving goes on.</summary>
internal enum ReceiveOutcome
{
    /// <summary>More may come.</summary>
    Continue,

    /// <summary>No more before <see cref="IConnection.Resume"/>.</summary>
    Pause,

    /// <summary>No more at all.</summary>
    Stop,
}
