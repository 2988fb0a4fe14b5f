namespace IotPlatform.Delivery;

/// <summary>When a message ends by itself (MQTT 5.0 section 3.3.2.3.3).</summary>
internal sealed class Expiry(DateTimeOffset at, TimeProvider time)
{
    public DateTimeOffset At => at;

    public bool HasPassed => at <= time.GetUtcNow();

    public TimeSpan Left => at - time.GetUtcNow();

    /// <summary>The end of a message that was received just now.</summary>
    /// <param name="seconds">Its Message Expiry Interval; null: it has no end.</param>
    /// <param name="time">The clock.</param>
    public static Expiry? In(uint? seconds, TimeProvider time) => seconds is { } interval ? new(time.GetUtcNow().AddSeconds(interval), time) : null;

    public static Expiry? Of(DateTimeOffset? at, TimeProvider time) => at is { } end ? new(end, time) : null;
}
