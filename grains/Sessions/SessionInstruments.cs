using System.Diagnostics.Metrics;

namespace IotPlatform.Sessions;

/// <summary>The meter of the sessions that are kept.</summary>
public sealed class SessionInstruments : IDisposable
{
    private readonly Meter _meter = new("IotPlatform.Sessions");
    private readonly UpDownCounter<long> _sessions;
    private readonly UpDownCounter<long> _queued;
    private readonly UpDownCounter<long> _queuedBytes;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _handedOver;

    /// <summary>Makes the instruments.</summary>
    public SessionInstruments()
    {
        _sessions = _meter.CreateUpDownCounter<long>("iot.sessions.kept", "{session}", "Sessions that are kept, with a connection or without.");
        _queued = _meter.CreateUpDownCounter<long>("iot.sessions.queued", "{message}", "QoS 1 and 2 messages that their clients are not done with.");
        _queuedBytes = _meter.CreateUpDownCounter<long>("iot.sessions.queued.bytes", "By", "Bytes of their topics, payloads and properties.");
        _ended = _meter.CreateCounter<long>("iot.sessions.ended", "{session}", "Sessions that have ended, by reason.");
        _dropped = _meter.CreateCounter<long>("iot.sessions.dropped", "{message}", "Messages that their sessions did not keep, by reason.");
        _handedOver = _meter.CreateCounter<long>("iot.sessions.handed.over", "{message}", "Messages of shared subscriptions that other members got because a session ended.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Kept(int sessions) => _sessions.Add(sessions);

    internal void Queued(int messages, long bytes)
    {
        _queued.Add(messages);
        _queuedBytes.Add(bytes);
    }

    internal void Ended(string reason) => _ended.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void HandedOver(int messages) => _handedOver.Add(messages);

    internal void Dropped(string reason, int messages = 1)
    {
        if (messages > 0)
        {
            _dropped.Add(messages, new KeyValuePair<string, object?>("reason", reason));
        }
    }
}
