using System.Diagnostics;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>
/// Messages to devices that are away, as fast as they are taken. Afterwards all that wait are read from the store, or collected by their devices: that nothing is
/// missing, double or out of order is only known then.
/// </summary>
internal sealed class OfflineRun(IServer server, SendLoad load, Faults faults) : IDisposable
{
    // More at a time than a broker's listener has places for would come late.
    private const int CollectingMax = 64;

    private readonly MessageTraffic _traffic = new(server, load, MessageApi.Stream, faults);

    public Figures Run()
    {
        var figures = new Figures().Add("devices", load.Devices).Add("payload", load.PayloadBytes).Add("streams", load.Streams).Add("under_way", load.UnderWay);
        _traffic.Register();
        _traffic.Open();
        _traffic.Send(load.WarmUp);
        Measure(figures);
        Collect();
        _traffic.Ledger.Close();
        return figures.Add("doubled", _traffic.Ledger.Doubled);
    }

    public void Dispose() => _traffic.Dispose();

    private void Measure(Figures figures)
    {
        _traffic.ResetLatencies();
        var cost = new SendCost(server);
        var startedAt = Stopwatch.GetTimestamp();
        _traffic.Send(load.Messages);
        var answered = Stopwatch.GetElapsedTime(startedAt);
        figures.Add("messages", load.Messages).Add("rate", load.Messages / answered.TotalSeconds);
        cost.AddTo(figures, load.Messages, answered);
        figures.AddPercentiles("call_ms", _traffic.Ledger.CallLatency);
    }

    // What the platform has stored can be read; of others it is only known when the devices come.
    private void Collect()
    {
        if (server is not IPlatform platform)
        {
            new Collection(server, load, _traffic.Ledger, faults) { AtOnceMax = CollectingMax }.Run();
            return;
        }

        using var stored = new StoredMessages(platform);
        if (faults.Count == 0 && !stored.TryCollect(_traffic.Ledger))
        {
            faults.Add("the store has a message that is none of the run's");
        }
    }
}
