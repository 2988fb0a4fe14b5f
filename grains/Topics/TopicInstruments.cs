using System.Diagnostics.Metrics;

namespace IotPlatform.Topics;

/// <summary>The meter of what is kept by topic.</summary>
public sealed class TopicInstruments : IDisposable
{
    private readonly Meter _meter = new("IotPlatform.Topics");
    private readonly UpDownCounter<long> _messages;
    private readonly UpDownCounter<long> _bytes;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _expired;

    /// <summary>Makes the instruments.</summary>
    public TopicInstruments()
    {
        _messages = _meter.CreateUpDownCounter<long>("iot.topics.retained", "{message}", "Retained messages in memory.");
        _bytes = _meter.CreateUpDownCounter<long>("iot.topics.retained.bytes", "By", "Bytes of their topics, payloads and properties.");
        _refused = _meter.CreateCounter<long>("iot.topics.retained.refused", "{message}", "Messages not retained because a bound was reached.");
        _expired = _meter.CreateCounter<long>("iot.topics.retained.expired", "{message}", "Retained messages that ended by themselves.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Changed(int messages, long bytes)
    {
        _messages.Add(messages);
        _bytes.Add(bytes);
    }

    internal void Refused(int messages = 1) => _refused.Add(messages);

    internal void Expired() => _expired.Add(1);
}
