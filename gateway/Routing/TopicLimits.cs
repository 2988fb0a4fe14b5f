using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Routing;

/// <summary>How large the topic names and filters of clients may be.</summary>
/// <param name="BytesMax">Bytes.</param>
/// <param name="LevelsMax">Levels.</param>
internal readonly record struct TopicLimits(int BytesMax, int LevelsMax)
{
    /// <param name="topic">A valid topic name or filter.</param>
    public bool Allow(ReadOnlySpan<byte> topic) =>
        topic.Length <= BytesMax && (topic.Length < LevelsMax || TopicLevels.Count(topic) <= LevelsMax);
}
