namespace IotPlatform.Delivery;

/// <summary>Why a message was not written to a device, or not taken from one. The values of the <c>reason</c> tag.</summary>
internal static class DropReason
{
    /// <summary>Its connection did not take what it was sent before.</summary>
    public const string Slow = "slow";

    /// <summary>Too much waited for it.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>Larger than it takes.</summary>
    public const string TooLarge = "too_large";

    /// <summary>Too much waited for its gateway.</summary>
    public const string PeerFull = "peer_full";

    /// <summary>It had no connection.</summary>
    public const string Offline = "offline";

    /// <summary>The message's time was up.</summary>
    public const string Expired = "expired";

    /// <summary>It was published where its device may not.</summary>
    public const string NotPermitted = "not_permitted";

    /// <summary>Its topic was too large.</summary>
    public const string InvalidTopic = "invalid_topic";

    /// <summary>It waited when the session ended with its connection.</summary>
    public const string SessionEnded = "session_ended";

    /// <summary>It waited when the connection ended, and waits for the next one with the session that is kept.</summary>
    public const string Kept = "kept";

    /// <summary>It waited when the connection ended, and went to another member of the shared subscription.</summary>
    public const string Redistributed = "redistributed";

    /// <summary>All of them.</summary>
    public static readonly string[] All =
        [Slow, QueueFull, TooLarge, PeerFull, Offline, Expired, NotPermitted, InvalidTopic, SessionEnded, Kept, Redistributed];
}
