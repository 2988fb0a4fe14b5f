using System.Diagnostics;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>Messages to devices that are online and acknowledge each, as fast as they are taken.</summary>
internal sealed class OnlineRun(IServer server, SendLoad load, MessageApi api, Faults faults) : IDisposable
{
    private readonly MessageTraffic _traffic = new(server, load, api, faults);

    public Figures Run()
    {
        var figures = new Figures().Add("devices", load.Devices).Add("payload", load.PayloadBytes);
        figures = api == MessageApi.Stream ? figures.Add("own_ids", load.HasOwnIds ? 1 : 0).Add("streams", load.Streams).Add("under_way", load.UnderWay) : figures.Add("callers", load.Callers);
        _traffic.Connect();
        _traffic.Settle();
        _traffic.Open();
        _traffic.Send(load.WarmUp);
        AwaitDelivered();
        Measure(figures);
        _traffic.AwaitStored();
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
        AwaitDelivered();
        var acknowledged = Stopwatch.GetElapsedTime(startedAt);
        figures.Add("messages", load.Messages).Add("rate", load.Messages / acknowledged.TotalSeconds).Add("accepted_rate", load.Messages / answered.TotalSeconds);
        cost.AddTo(figures, load.Messages, acknowledged);
        figures.AddPercentiles("call_ms", _traffic.Ledger.CallLatency).AddPercentiles("device_ms", _traffic.Ledger.DeviceLatency);
    }

    private void AwaitDelivered()
    {
        _traffic.AwaitArrivals();
        _traffic.AwaitAcknowledgements();
    }
}
