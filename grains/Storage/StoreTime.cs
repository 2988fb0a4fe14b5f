namespace IotPlatform.Storage;

/// <summary>Times in the store: microseconds since the Unix epoch, the precision that both dialects keep.</summary>
internal static class StoreTime
{
    public static long ToStore(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static object? ToStore(DateTimeOffset? time) => time is { } value ? ToStore(value) : null;

    public static DateTimeOffset FromStore(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static long ToStore(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    public static TimeSpan SpanFromStore(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
