using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace IotPlatform.Bench.Probe;

/// <summary>Adds up what the meters of Orleans and of the store say while it lives.</summary>
internal sealed class MeterCounts : IDisposable
{
    /// <summary>Messages that this process sent to others, by their direction (a tag); the values are their sizes.</summary>
    public const string MessagesSent = "orleans-messaging-sent-messages-size";

    public const string Commits = "iot.store.commits";
    public const string Writes = "iot.store.writes";

    private const string DirectionTag = "MessageDirection";

    private readonly ConcurrentDictionary<string, StrongBox<long>> _sums = new();
    private readonly MeterListener _listener = new();

    /// <summary>Begins to count.</summary>
    /// <param name="isStoreOnly">Leaves out the messages between processes: what is counted a commit costs nothing, what is counted a message does.</param>
    public MeterCounts(bool isStoreOnly = false)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is Commits or Writes || (instrument.Name == MessagesSent && !isStoreOnly))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>(CountMessage);
        _listener.SetMeasurementEventCallback<long>(AddUp);
        _listener.Start();
    }

    /// <summary>The name under which messages of a direction are counted, and with <paramref name="isBytes"/> their sizes.</summary>
    public static string MessagesOf(string direction, bool isBytes = false) => $"{(isBytes ? "bytes" : "messages")}.{direction}";

    public IEnumerable<(string Key, long Sum)> Read() => _sums.Select(static sum => (sum.Key, Volatile.Read(ref sum.Value.Value)));

    public void Dispose() => _listener.Dispose();

    private void CountMessage(Instrument instrument, int bytes, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        foreach (var tag in tags)
        {
            if (tag is { Key: DirectionTag, Value: string direction })
            {
                Add(MessagesOf(direction), 1);
                Add(MessagesOf(direction, isBytes: true), bytes);
            }
        }
    }

    private void AddUp(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) => Add(instrument.Name, value);

    private void Add(string key, long value) => Interlocked.Add(ref _sums.GetOrAdd(key, static _ => new StrongBox<long>()).Value, value);
}
