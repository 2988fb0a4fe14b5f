using System.Diagnostics.Metrics;
using System.Reflection;
using IotPlatform.Diagnostics;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>The sum of what one instrument of one gateway's meter measures.</summary>
internal sealed class InstrumentSum : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _value;

    public InstrumentSum(GatewayInstruments instruments, string name)
    {
        // Other tests have meters of the same name.
        var own = typeof(GatewayInstruments).GetFields(BindingFlags.NonPublic | BindingFlags.Instance).Select(field => field.GetValue(instruments)).OfType<Instrument>();
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _value, value));
        _listener.EnableMeasurementEvents(own.Single(instrument => instrument.Name == name));
    }

    public long Value => Interlocked.Read(ref _value);

    public void Dispose() => _listener.Dispose();
}
