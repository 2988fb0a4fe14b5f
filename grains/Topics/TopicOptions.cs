namespace IotPlatform.Topics;

/// <summary>How retained messages are bounded. Section <c>Topics</c>.</summary>
public sealed class TopicOptions
{
    /// <summary>
    /// Retained messages in all; each of the 16 shards has a sixteenth of it, and refuses one more. Default 100,000: each is in memory once.
    /// </summary>
    public int RetainedMax { get; set; } = 100_000;

    /// <summary>
    /// Bytes of their topics, payloads and properties in all; each of the 16 shards has a sixteenth of it, and refuses what would exceed that. Default 256 MiB.
    /// </summary>
    public long RetainedBytesMax { get; set; } = 256L * 1024 * 1024;
}
