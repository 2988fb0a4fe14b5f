using System.Collections.Immutable;

namespace IotPlatform.Storage;

/// <summary>Times in the store: microseconds since the Unix epoch, the precision that both dialects keep.</summary>
internal static class StoreTime
{
    public static long ToStore(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A time as it will be read again.</summary>
    public static DateTimeOffset AsStored(DateTimeOffset time) => FromStore(ToStore(time));

    public static long? ToStore(DateTimeOffset? time) => time is { } value ? ToStore(value) : null;

    public static DateTimeOffset FromStore(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Times as eight bytes each, the lowest first; null for none.</summary>
    public static byte[]? ToStore(ImmutableArray<DateTimeOffset> times) =>
        times.IsDefaultOrEmpty ? null : StoreBytes.Of(ImmutableArray.CreateRange(times, static time => (ulong)ToStore(time)));

    /// <summary>The times again; default for none.</summary>
    public static ImmutableArray<DateTimeOffset> TimesFromStore(byte[]? bytes) =>
        bytes is null ? default : [.. StoreBytes.Numbers(bytes).Select(static number => FromStore((long)number))];

    public static long ToStore(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    public static TimeSpan SpanFromStore(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
