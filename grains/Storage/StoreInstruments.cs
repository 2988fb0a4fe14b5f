using System.Diagnostics.Metrics;

namespace IotPlatform.Storage;

/// <summary>The durable store's meter.</summary>
public sealed class StoreInstruments : IDisposable
{
    private readonly Meter _meter = new("IotPlatform.Storage");
    private readonly Counter<long> _commits;
    private readonly Counter<long> _rows;

    /// <summary>Makes the instruments.</summary>
    public StoreInstruments()
    {
        _commits = _meter.CreateCounter<long>("iot.store.commits", "{commit}", "Transactions made durable.");
        _rows = _meter.CreateCounter<long>("iot.store.writes", "{write}", "Writes made durable; divided by the commits, the batch length.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Committed(int rows)
    {
        _commits.Add(1);
        _rows.Add(rows);
    }
}
