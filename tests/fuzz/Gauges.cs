using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace IotPlatform.Fuzz;

/// <summary>What the up-and-down counters of a gateway and its grains stand at.</summary>
internal sealed class Gauges : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _values = new();

    /// <param name="holders">Those who have the counters: others of this process have meters of the same names.</param>
    public Gauges(params object[] holders)
    {
        var own = holders.SelectMany(static holder => holder
            .GetType()
            .GetFields(BindingFlags.NonPublic | BindingFlags.Instance)
            .Select(field => field.GetValue(holder))
            .OfType<UpDownCounter<long>>());
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _values.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        foreach (var instrument in own)
        {
            _listener.EnableMeasurementEvents(instrument);
        }
    }

    /// <summary>Those that are not zero.</summary>
    public string[] NotZero => [.. _values.Where(static entry => entry.Value != 0).Select(static entry => $"{entry.Key} is {entry.Value}")];

    public void Dispose() => _listener.Dispose();
}
