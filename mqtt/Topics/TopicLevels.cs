namespace IotPlatform.Mqtt.Topics;

/// <summary>Cuts topic names and filters into their levels (section 4.7.1.1). Levels may be empty.</summary>
public static class TopicLevels
{
    /// <summary>The separator of levels.</summary>
    public const byte Separator = (byte)'/';

    /// <summary>How many levels there are: one more than separators.</summary>
    public static int Count(ReadOnlySpan<byte> topic) => topic.Count(Separator) + 1;

    /// <summary>The first level; <paramref name="rest"/> is what follows its separator. Returns false when it was the last one.</summary>
    internal static bool Split(ReadOnlySpan<byte> topic, out ReadOnlySpan<byte> level, out ReadOnlySpan<byte> rest)
    {
        var end = topic.IndexOf(Separator);
        level = end < 0 ? topic : topic[..end];
        rest = end < 0 ? default : topic[(end + 1)..];
        return end >= 0;
    }
}
