namespace IotPlatform.Sessions;

/// <summary>The bounds of all sessions that are kept. Section <c>Sessions</c>. What may wait for one session is its gateway's to say.</summary>
public sealed class SessionOptions
{
    /// <summary>Sessions without a connection that are kept; past that, the one that has been away longest ends. Default 1,000,000.</summary>
    public int OfflineMax { get; set; } = 1_000_000;

    /// <summary>Different topic filters of them; one more is refused with 0x97. Every gateway keeps all of them in memory. Default 1,000,000.</summary>
    public int FiltersMax { get; set; } = 1_000_000;
}
