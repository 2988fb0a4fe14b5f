namespace IotPlatform.Mqtt.Topics;

/// <summary>The form <c>$share/{ShareName}/{filter}</c> of MQTT 5.0, section 4.8.2.</summary>
public static class SharedSubscription
{
    /// <summary>What every shared subscription starts with.</summary>
    public static ReadOnlySpan<byte> Prefix => "$share/"u8;

    /// <summary>Whether the filter claims to be a shared subscription [MQTT-4.8.2-1].</summary>
    public static bool IsShared(ReadOnlySpan<byte> filter) => filter.StartsWith(Prefix);

    /// <summary>
    /// Takes a shared subscription apart. Fails when it is none, when the share name is empty or holds a wildcard, or when no valid filter
    /// follows it [MQTT-4.8.2-1], [MQTT-4.8.2-2].
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> filter, out ReadOnlySpan<byte> shareName, out ReadOnlySpan<byte> topicFilter)
    {
        shareName = default;
        topicFilter = default;
        return IsShared(filter)
            && TopicLevels.Split(filter[Prefix.Length..], out shareName, out topicFilter)
            && !shareName.IsEmpty && !TopicFilter.HasWildcard(shareName)
            && TopicFilter.IsWellShaped(topicFilter);
    }
}
