namespace IotPlatform.Sessions;

/// <summary>The bounds of one session. Section <c>Mqtt:Session</c>.</summary>
public sealed class SessionLimits
{
    /// <summary>QoS 1 and 2 messages that wait for a client that is away or slow; one more is dropped. Default 1,000.</summary>
    public int QueuedMessagesMax { get; set; } = 1_000;

    /// <summary>Bytes of them; one more is dropped. Default 1 MiB.</summary>
    public int QueuedBytesMax { get; set; } = 1024 * 1024;

    /// <summary>QoS 1 and 2 messages unacknowledged at once, where the client itself allows more. Default 100.</summary>
    public int InFlightMax { get; set; } = 100;

    /// <summary>Subscriptions of one client; one more is refused with 0x97. Default 100.</summary>
    public int SubscriptionsMax { get; set; } = 100;

    /// <summary>The longest that a session outlives its connection, whatever the client asks for. Default 1 day.</summary>
    public TimeSpan ExpiryMax { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Sessions without a connection that are kept; past that, the one that has been away longest ends. Default 100,000.</summary>
    public int OfflineMax { get; set; } = 100_000;
}
