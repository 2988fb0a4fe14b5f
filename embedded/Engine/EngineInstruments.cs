using System.Diagnostics.Metrics;

namespace IotPlatform.Embedded;

/// <summary>The engine's meter. The instruments are named as Orleans names its own, so that one dashboard serves both engines.</summary>
internal sealed class EngineInstruments : IDisposable
{
    private readonly Meter _meter = new("IotPlatform.Embedded");

    public EngineInstruments(EmbeddedEngine engine)
    {
        _meter.CreateObservableUpDownCounter("orleans-catalog-activations", () => engine.ActivationCount);
        _meter.CreateObservableCounter("orleans-app-requests-timedout", () => engine.TimedOutCount);
        _meter.CreateObservableCounter("orleans-messaging-rejected", () => engine.RejectedCount);
    }

    public void Dispose() => _meter.Dispose();
}
