using System.Diagnostics;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>
/// Messages to devices that are online, at a fixed pace. Times count from when a message was due, also where it could not be called for at once: what a server
/// that stands still holds up is part of them.
/// </summary>
internal sealed class PacedRun(IServer server, SendLoad load, MessageApi api, Faults faults) : IDisposable
{
    private readonly MessageTraffic _traffic = new(server, load, api, faults);

    public Figures Run()
    {
        var figures = new Figures().Add("devices", load.Devices).Add("payload", load.PayloadBytes).Add("paced_rate", load.PerSecond);
        _traffic.Connect();
        _traffic.Settle();
        _traffic.Open();
        Send(load.WarmUp);
        _traffic.ResetLatencies();
        var store = new StoreCount(server);
        var cpu = new CpuSpan(server);
        var startedAt = Stopwatch.GetTimestamp();
        Send(load.Messages);
        var span = Stopwatch.GetElapsedTime(startedAt);
        _traffic.AwaitAcknowledgements();
        figures
            .Add("messages", load.Messages)
            .Add("rate", load.Messages / span.TotalSeconds)
            .AddPercentiles("device_ms", _traffic.Ledger.DeviceLatency)
            .AddPercentiles("call_ms", _traffic.Ledger.CallLatency);
        cpu.AddTo(figures, "", load.Messages);
        store.AddTo(figures, load.Messages, span);
        _traffic.AwaitStored();
        _traffic.Ledger.Close();
        return figures.Add("doubled", _traffic.Ledger.Doubled);
    }

    public void Dispose() => _traffic.Dispose();

    private void Send(int messages)
    {
        var (ledger, first) = (_traffic.Ledger, _traffic.Ledger.Started);
        var (startedAt, interval) = (Stopwatch.GetTimestamp(), Stopwatch.Frequency / (double)load.PerSecond);
        _traffic.Drive(
            () =>
            {
                var now = Stopwatch.GetTimestamp();
                while (ledger.Started - first < messages && DueAt() <= now && _traffic.MayCall)
                {
                    _traffic.Call(DueAt());
                }

                return ledger.Started - first == messages && ledger.IsComplete;
            },
            waitMilliseconds: 1);

        long DueAt() => startedAt + (long)((ledger.Started - first) * interval);
    }
}
