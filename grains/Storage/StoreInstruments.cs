using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace IotPlatform.Storage;

/// <summary>The durable store's meter.</summary>
public sealed class StoreInstruments : IDisposable
{
    private readonly Meter _meter = new("IotPlatform.Storage");
    private readonly Counter<long> _commits;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _failed;
    private Func<long> _queueLength = static () => 0;
    private Func<long> _queueBytes = static () => 0;
    private Func<long> _held = static () => 0;
    private Func<long> _unfiled = static () => 0;
    private readonly ConcurrentDictionary<string, Func<long>> _readsWaiting = new();

    /// <summary>Makes the instruments.</summary>
    public StoreInstruments()
    {
        _commits = _meter.CreateCounter<long>("iot.store.commits", "{commit}", "Transactions made durable.");
        _rows = _meter.CreateCounter<long>("iot.store.writes", "{write}", "Writes made durable; divided by the commits, the batch length.");
        _failed = _meter.CreateCounter<long>("iot.store.failed", "{call}", "Reads and writes given up because the store did not answer in time.");
        _meter.CreateObservableGauge("iot.store.queue.writes", () => _queueLength(), "{write}", "Writes that wait for their batch.");
        _meter.CreateObservableGauge("iot.store.queue.bytes", () => _queueBytes(), "By", "Bytes of the writes that wait for their batch.");
        _meter.CreateObservableGauge("iot.store.held", () => _held(), "{change}", "Changes of messages held back for the next one of their message.");
        _meter.CreateObservableGauge("iot.store.unfiled", () => _unfiled(), "{message}", "Messages that are still to be entered into the indexes.");
        _meter.CreateObservableGauge("iot.store.queue.reads", ReadsWaiting, "{read}", "Reads that wait to travel together, by kind.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Shows the queue of the process's writer from here on.</summary>
    internal void Watch<TWrite>(WriteQueue<TWrite> queue)
        where TWrite : StoreWrite
    {
        _queueLength = () => queue.Length;
        _queueBytes = () => queue.Bytes;
    }

    /// <summary>Shows how many reads of a kind wait from here on.</summary>
    internal void WatchReads(string kind, Func<long> waiting) => _readsWaiting[kind] = waiting;

    /// <summary>Shows how many changes of messages are held back from here on.</summary>
    internal void WatchHeld(Func<long> held) => _held = held;

    /// <summary>Shows how many messages are to be filed from here on.</summary>
    internal void WatchUnfiled(Func<long> unfiled) => _unfiled = unfiled;

    internal void Committed(int rows)
    {
        _commits.Add(1);
        _rows.Add(rows);
    }

    internal void Failed(int calls)
    {
        if (calls > 0)
        {
            _failed.Add(calls);
        }
    }

    private IEnumerable<Measurement<long>> ReadsWaiting() =>
        _readsWaiting.Select(static kind => new Measurement<long>(kind.Value(), new KeyValuePair<string, object?>("kind", kind.Key)));
}
