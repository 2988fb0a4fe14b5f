using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Topics;

/// <summary>The rules of a topic filter: which topic names a subscription wants (section 4.7).</summary>
public static class TopicFilter
{
    private const byte SingleLevel = (byte)'+';
    private const byte MultiLevel = (byte)'#';

    /// <summary>
    /// Whether the bytes are a topic filter: well-formed UTF-8, 1 to 65,535 bytes, wildcards only where they are allowed, and no more levels than given.
    /// A filter that starts with <c>$share/</c> is judged as an ordinary one; see <see cref="SharedSubscription"/>.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> filter, int levelsMax = int.MaxValue)
        => filter.Length <= Utf8Text.BytesMax && IsWellShaped(filter) && Utf8Text.IsValid(filter) && TopicLevels.Count(filter) <= levelsMax;

    /// <summary>Whether the filter contains a wildcard.</summary>
    public static bool HasWildcard(ReadOnlySpan<byte> filter) => filter.ContainsAny(SingleLevel, MultiLevel);

    /// <summary>Whether a valid filter matches a valid topic name, level by level. The plain statement of the rules that the trie is tested against.</summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        // [MQTT-4.7.2-1]
        if (TopicName.IsReserved(topic) && !filter.IsEmpty && filter[0] is SingleLevel or MultiLevel)
        {
            return false;
        }

        while (true)
        {
            var filterGoesOn = TopicLevels.Split(filter, out var wanted, out filter);
            if (IsMultiLevel(wanted))
            {
                return true;
            }

            var topicGoesOn = TopicLevels.Split(topic, out var level, out topic);
            if (!IsSingleLevel(wanted) && !wanted.SequenceEqual(level))
            {
                return false;
            }

            if (!filterGoesOn || !topicGoesOn)
            {
                // Section 4.7.1.2: "sport/#" also matches its parent "sport".
                return filterGoesOn == topicGoesOn || (filterGoesOn && IsMultiLevel(filter));
            }
        }
    }

    /// <summary>Whether a valid filter matches every topic name that another one matches.</summary>
    public static bool Covers(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> other)
    {
        // [MQTT-4.7.2-1]
        if (TopicName.IsReserved(other) && filter[0] is SingleLevel or MultiLevel)
        {
            return false;
        }

        while (true)
        {
            var filterGoesOn = TopicLevels.Split(filter, out var wanted, out filter);
            if (IsMultiLevel(wanted))
            {
                return true;
            }

            var otherGoesOn = TopicLevels.Split(other, out var level, out other);
            if (IsMultiLevel(level) || !(IsSingleLevel(wanted) || wanted.SequenceEqual(level)))
            {
                return false;
            }

            if (!filterGoesOn || !otherGoesOn)
            {
                return filterGoesOn == otherGoesOn || (filterGoesOn && IsMultiLevel(filter));
            }
        }
    }

    /// <summary>Whether there is a topic name that two valid filters match.</summary>
    public static bool Overlap(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        // [MQTT-4.7.2-1]
        if ((TopicName.IsReserved(one) && other[0] is SingleLevel or MultiLevel) || (TopicName.IsReserved(other) && one[0] is SingleLevel or MultiLevel))
        {
            return false;
        }

        while (true)
        {
            var oneGoesOn = TopicLevels.Split(one, out var level, out one);
            var otherGoesOn = TopicLevels.Split(other, out var otherLevel, out other);
            if (IsMultiLevel(level) || IsMultiLevel(otherLevel))
            {
                return true;
            }

            if (!IsSingleLevel(level) && !IsSingleLevel(otherLevel) && !level.SequenceEqual(otherLevel))
            {
                return false;
            }

            if (!oneGoesOn || !otherGoesOn)
            {
                return oneGoesOn == otherGoesOn || (oneGoesOn ? IsMultiLevel(one) : IsMultiLevel(other));
            }
        }
    }

    /// <summary>Whether text that is known to be valid UTF-8 has the shape of a topic filter.</summary>
    internal static bool IsWellShaped(ReadOnlySpan<byte> filter)
    {
        if (filter.IsEmpty)
        {
            // [MQTT-4.7.3-1]
            return false;
        }

        for (var goesOn = true; goesOn;)
        {
            goesOn = TopicLevels.Split(filter, out var level, out filter);

            // [MQTT-4.7.1-1] '#' is alone in the last level; [MQTT-4.7.1-2] '+' is alone in its level.
            if (HasWildcard(level) && !(IsSingleLevel(level) || (IsMultiLevel(level) && !goesOn)))
            {
                return false;
            }
        }

        return true;
    }

    internal static bool IsSingleLevel(ReadOnlySpan<byte> level) => level.Length == 1 && level[0] == SingleLevel;

    internal static bool IsMultiLevel(ReadOnlySpan<byte> level) => level.Length == 1 && level[0] == MultiLevel;
}
