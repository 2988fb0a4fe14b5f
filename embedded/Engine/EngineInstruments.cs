using System.Diagnostics.Metrics;

namespace IotPlatform.Embedded;

/// <summary>The engine's meter. What Orleans measures too is named as there, so that one dashboard serves both engines.</summary>
internal sealed class EngineInstruments : IDisposable
{
    private readonly Meter _meter = new("IotPlatform.Embedded");

    public EngineInstruments(EmbeddedEngine engine)
    {
        _meter.CreateObservableUpDownCounter("orleans-catalog-activations", () => engine.ActivationCount);
        _meter.CreateObservableCounter("orleans-app-requests-timedout", () => engine.TimedOutCount);
        _meter.CreateObservableUpDownCounter("iot.engine.requests.waiting", () => Waiting(engine), "{request}", "Calls that wait for their answers, by method.");
        _meter.CreateObservableCounter("orleans-messaging-rejected", () => engine.RejectedCount);
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<int>> Waiting(EmbeddedEngine engine) => engine.WaitingCalls.Select(
        static calls => new Measurement<int>(calls.Count, new KeyValuePair<string, object?>("method", calls.Method)));
}
