namespace IotPlatform.Sessions;

/// <summary>The bounds of one session. Section <c>Mqtt:Session</c>.</summary>
public sealed class SessionLimits
{
    /// <summary>QoS 1 and 2 messages that wait for a client that is away or slow. Default 1,000.</summary>
    public int QueuedMessagesMax { get; set; } = 1_000;

    /// <summary>Bytes of them. Default 1 MiB.</summary>
    public int QueuedBytesMax { get; set; } = 1024 * 1024;

    /// <summary>What happens to one more: <c>DropNewest</c> or <c>DropOldest</c>; counted either way. Default DropNewest.</summary>
    public QueueFullAction QueueFull { get; set; } = QueueFullAction.DropNewest;

    /// <summary>QoS 1 and 2 messages unacknowledged at once, where the client itself allows more. Default 100.</summary>
    public int InFlightMax { get; set; } = 100;

    /// <summary>
    /// QoS 1 and 2 messages that a client may send before the first of them is done (Receive Maximum of CONNACK); one more disconnects it with 0x93. Default 100.
    /// </summary>
    public int ReceiveMaximum { get; set; } = 100;

    /// <summary>Topic aliases that a client may send with, and that are used towards a client that takes as many; 0: none. Default 16.</summary>
    public int TopicAliasMax { get; set; } = 16;

    /// <summary>Subscriptions of one client; one more is refused with 0x97. Default 100.</summary>
    public int SubscriptionsMax { get; set; } = 100;

    /// <summary>The longest that a session outlives its connection, whatever the client asks for. Default 1 day.</summary>
    public TimeSpan ExpiryMax { get; set; } = TimeSpan.FromDays(1);

    /// <summary>These limits as a session that is kept has them.</summary>
    public SessionBounds ToBounds() => new(QueuedMessagesMax, QueuedBytesMax, QueueFull == QueueFullAction.DropOldest);
}
