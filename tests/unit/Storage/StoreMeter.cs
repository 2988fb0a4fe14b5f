using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>What the instruments of one store say.</summary>
internal sealed class StoreMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _values = new();

    public StoreMeter(StoreInstruments instruments)
    {
        // Other tests have meters of the same name.
        var meter = typeof(StoreInstruments).GetField("_meter", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(instruments);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) => _values.AddOrUpdate(instrument.Name, value, (_, sum) => instrument.IsObservable ? value : sum + value));
        _listener.Start();
    }

    /// <summary>A counter's sum, or a gauge's last value.</summary>
    public long this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _values.GetValueOrDefault(name);
        }
    }

    public void Dispose() => _listener.Dispose();
}
