using System.Diagnostics.Metrics;

namespace IotPlatform.StatusEvents;

/// <summary>The meter of pushes.</summary>
internal sealed class StatusPushInstruments : IDisposable
{
    private readonly Meter _meter = new("IotPlatform.StatusEvents");
    private readonly Counter<long> _taken;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _gaps;
    private readonly UpDownCounter<long> _waiting;

    public StatusPushInstruments()
    {
        _taken = _meter.CreateCounter<long>("iot.push.taken", "{event}", "Status events that a URL has taken.");
        _failed = _meter.CreateCounter<long>("iot.push.failed", "{request}", "Requests that failed, and are made again.");
        _parked = _meter.CreateCounter<long>("iot.push.parked", "{push}", "Pushes given up because their URL took nothing for too long.");
        _gaps = _meter.CreateCounter<long>("iot.push.gaps", "{gap}", "Times that a push found events deleted that it had not pushed yet.");
        _waiting = _meter.CreateUpDownCounter<long>("iot.push.waiting", "{event}", "Status events in memory that no URL has taken yet.");
    }

    public void Dispose() => _meter.Dispose();

    public void Taken() => _taken.Add(1);

    public void Failed() => _failed.Add(1);

    public void Parked() => _parked.Add(1);

    public void Gap() => _gaps.Add(1);

    public void Waiting(int change) => _waiting.Add(change);
}
