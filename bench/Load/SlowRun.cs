using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>Puts one load on one server whose slow devices have stopped reading: fills what is in front of those, measures the others, and checks what they get.</summary>
internal sealed class SlowRun : IDisposable
{
    private const int ConnectingMax = 256;
    private const int WarmUpCalls = 50;

    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(5);
    private static readonly DeviceNames Names = new('s');

    private readonly IServer _server;
    private readonly SlowLoad _load;
    private readonly Faults _faults;
    private readonly LoadLoop _loop = new();
    private readonly DeliveryLedger _ledger;
    private readonly DeviceFleet _fleet;

    public SlowRun(IServer server, SlowLoad load, Faults faults)
    {
        (_server, _load, _faults) = (server, load, faults);
        _ledger = new DeliveryLedger(load.Devices, Names, faults, load.Stalled);
        var check = load.Topic is { } topic
            ? DeliveryCheck.CommonTopic(topic, load.PayloadBytes)
            : DeliveryCheck.OwnTopics(Names.BroadcastTopicOf, load.Devices, load.PayloadBytes);
        _fleet = new DeviceFleet(
            new FleetOptions(load.Devices, Names, server.MqttPorts) { SubscribeTo = load.Topic, Receiver = new BroadcastReceiver(_ledger, check) }, _loop.Devices, faults);
    }

    // Late calls wait here, and not in the caller.
    private static int MaxInFlight => 64;

    public Figures Run()
    {
        Connect(_load.Stalled);
        for (var device = 0; device < _load.Stalled; device++)
        {
            _fleet.Stall(device);
        }

        Prefill();
        var resident = _server.Meter.ResidentKilobytes();
        Connect(_load.Devices);
        using var caller = NewCaller();
        caller.Open(_loop.Callers, _ledger);
        Call(caller, () => _ledger.Started < WarmUpCalls && _ledger.Started == _ledger.Complete, () => _ledger.Started == WarmUpCalls);
        var (first, dropped, deliveries) = (_ledger.Started, _ledger.Dropped, _ledger.Deliveries);
        _ledger.DeviceLatency = new LatencyHistogram();
        var cpu = new CpuSpan(_server);
        var startedAt = Stopwatch.GetTimestamp();
        var wanted = (int)(_load.PerSecond * _load.Duration.TotalSeconds);
        Call(
            caller,
            () => _ledger.Started - first < wanted && _ledger.Started - _ledger.Answered < MaxInFlight
                && Stopwatch.GetElapsedTime(startedAt).TotalSeconds * _load.PerSecond >= _ledger.Started - first,
            () => _ledger.Started - first == wanted);
        _ledger.Close();
        var figures = new Figures()
            .Add("connections", _load.Devices)
            .Add("stalled", _load.Stalled)
            .Add("payload", _load.PayloadBytes)
            .Add("calls", _ledger.Started - first)
            .AddPercentiles("device_ms", _ledger.DeviceLatency)
            .Add("device_ms_max", _ledger.DeviceLatency.MillisecondsAt(1));
        if (_load.Topic is null)
        {
            figures.Add("dropped", _ledger.Dropped - dropped);
        }

        cpu.AddTo(figures, "", Math.Max(1, _ledger.Deliveries - deliveries));
        return figures
            .Add("rss_mb", _server.Meter.ResidentKilobytes() / 1024.0)
            .Add("rss_mb_added", (_server.Meter.ResidentKilobytes() - resident) / 1024.0)
            .Add("missing", _ledger.Missing)
            .Add("doubled", _ledger.Doubled);
    }

    public void Dispose()
    {
        _fleet.Dispose();
        _loop.Dispose();
    }

    private void Connect(int upTo)
    {
        FleetConnector.Connect(_loop, _fleet, upTo, ConnectingMax, SlowLoad.Patience, _faults);
        _server.Meter.WaitUntilQuiet(QuietLimit);
    }

    private IBroadcastCaller NewCaller() => _load.Topic is { } topic
        ? new MqttCaller(_server.MqttPorts[0], topic, _load.PayloadBytes)
        : _server.NewCaller(new BroadcastLoad(_load.Devices, 0, MaxInFlight, _load.PayloadBytes, 0) { WarmUp = 0, Patience = SlowLoad.Patience }, _faults);

    // Before the others are there, who would get it too.
    private void Prefill()
    {
        var wanted = _load.Stalled == 0 ? 0 : _load.PrefillBytes / _load.PayloadBytes;
        var ledger = new DeliveryLedger(_load.Stalled, Names, _faults, _load.Stalled);
        using var caller = NewCaller();
        caller.Open(_loop.Callers, ledger);
        var lastAnswerAt = Stopwatch.GetTimestamp();
        var answered = 0;
        while (ledger.Answered < wanted && _faults.Count == 0)
        {
            if (ledger.Answered > answered)
            {
                (answered, lastAnswerAt) = (ledger.Answered, Stopwatch.GetTimestamp());
            }

            if (Stopwatch.GetElapsedTime(lastAnswerAt) > SlowLoad.Patience)
            {
                _faults.Add($"only {ledger.Answered} of {wanted} calls before the measurement were answered");
            }

            while (ledger.Started < wanted && ledger.Started - ledger.Answered < MaxInFlight)
            {
                caller.Call(ledger.Start());
            }

            _loop.Turn(_fleet, caller, timeoutMilliseconds: 1);
        }
    }

    /// <summary>Calls when it is time to, and returns when all have been called, answered and delivered, or nothing comes any more.</summary>
    private void Call(IBroadcastCaller caller, Func<bool> isTime, Func<bool> isEnough)
    {
        var lastEventAt = Stopwatch.GetTimestamp();
        while (_faults.Count == 0 && Stopwatch.GetElapsedTime(lastEventAt) < SlowLoad.Patience)
        {
            while (isTime())
            {
                caller.Call(_ledger.Start());
            }

            if (isEnough() && _ledger.Complete == _ledger.Started && _ledger.Answered == _ledger.Started)
            {
                return;
            }

            if (_loop.Turn(_fleet, caller, timeoutMilliseconds: 1))
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }
        }
    }
}
