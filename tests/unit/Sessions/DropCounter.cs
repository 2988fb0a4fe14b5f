using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using IotPlatform.Diagnostics;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Counts what one gateway's meter says was dropped, by reason; or what another instrument of it says, by its tag.</summary>
internal sealed class DropCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public DropCounter(GatewayInstruments instruments, string name = "iot.gateway.publishes.dropped")
    {
        // Other tests have meters of the same name.
        var meter = typeof(GatewayInstruments).GetField("_meter", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(instruments);
        foreach (var field in typeof(GatewayInstruments).GetFields(BindingFlags.NonPublic | BindingFlags.Instance))
        {
            if (field.GetValue(instruments) is Instrument instrument && instrument.Name == name && instrument.Meter == meter)
            {
                _listener.EnableMeasurementEvents(instrument);
            }
        }

        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => _counts.AddOrUpdate((string)tags[0].Value!, count, (_, sum) => sum + count));
    }

    public long this[string reason] => _counts.GetValueOrDefault(reason);

    public void Dispose() => _listener.Dispose();
}
