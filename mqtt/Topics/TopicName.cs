using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Topics;

/// <summary>The rules of a topic name: what a message is published to (section 4.7).</summary>
public static class TopicName
{
    /// <summary>Whether the bytes are a topic name: well-formed UTF-8, 1 to 65,535 bytes, no wildcards, and no more levels than given.</summary>
    public static bool IsValid(ReadOnlySpan<byte> topic, int levelsMax = int.MaxValue)
        => topic.Length <= Utf8Text.BytesMax && IsWellShaped(topic) && Utf8Text.IsValid(topic) && TopicLevels.Count(topic) <= levelsMax;

    /// <summary>Whether the topic starts with '$', which keeps it from filters that start with a wildcard [MQTT-4.7.2-1].</summary>
    public static bool IsReserved(ReadOnlySpan<byte> topic) => !topic.IsEmpty && topic[0] == (byte)'$';

    /// <summary>Whether text that is known to be valid UTF-8 has the shape of a topic name.</summary>
    internal static bool IsWellShaped(ReadOnlySpan<byte> topic)
        => !topic.IsEmpty && !topic.ContainsAny((byte)'+', (byte)'#'); // [MQTT-4.7.3-1], [MQTT-4.7.1-1]
}
