using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Kills a silo under idle devices, whose connections all stay, and measures how long it takes until every one of them can be reached again, and what that
/// does to messages meanwhile.
/// </summary>
internal sealed class ReattachRun : IDisposable
{
    private const int ConnectingMax = 256;
    private const int LiveCallers = 256;
    private const int PollingCallers = 128;

    private static readonly TimeSpan LastMessages = TimeSpan.FromSeconds(30);
    private static readonly DeviceNames Names = new('r');

    private readonly Cluster _cluster;
    private readonly ReattachLoad _load;
    private readonly Faults _faults;
    private readonly LoadLoop _loop = new();
    private readonly MessageLedger _ledger;
    private readonly DeviceFleet _fleet;
    private readonly MessageCaller _messages;
    private readonly OnlinePoller _poller;
    private readonly CallerPair _callers;

    // An even spread, the same in every run.
    private readonly Random _random = new(1);
    private long _sendingSince;
    private int _called;

    public ReattachRun(Cluster cluster, ReattachLoad load, Faults faults)
    {
        _cluster = cluster;
        _load = load;
        _faults = faults;
        _ledger = new MessageLedger(Names, faults);
        var check = DeliveryCheck.OwnTopics(Names.MessageTopicOf, load.Devices, load.PayloadBytes);
        var options = new FleetOptions(load.Devices, Names, cluster.MqttPorts) { Receiver = new MessageReceiver(_ledger, check) };
        _fleet = new DeviceFleet(options, _loop.Devices, faults);
        var live = new HttpPool(cluster.HttpPorts, LiveCallers, firstToken: 0);
        _messages = new MessageCaller(cluster, live, Names, load.PayloadBytes, _ledger, faults, triesAgain: true);
        _poller = new OnlinePoller(cluster, new HttpPool(cluster.HttpPorts, PollingCallers, firstToken: LiveCallers), Names, load.Devices);
        _callers = new CallerPair(_messages, live, _poller);
    }

    public Figures Run()
    {
        var figures = new Figures().Add("connections", _load.Devices).Add("messages_per_s", _load.MessagesPerSecond);
        FleetConnector.Connect(_loop, _fleet, _load.Devices, ConnectingMax, _load.Limit, _faults);
        _messages.Open(_loop.Callers);
        _poller.Open(_loop.Callers);
        _sendingSince = Stopwatch.GetTimestamp();
        SendBefore(figures);
        var killedAt = Stopwatch.GetTimestamp();
        _cluster.KillLastSilo();
        FindAll(killedAt);
        var calm = Stopwatch.GetTimestamp();
        Finish();
        AddFigures(figures, killedAt, calm);
        return figures;
    }

    public void Dispose()
    {
        _messages.Dispose();
        _poller.Dispose();
        _fleet.Dispose();
        _loop.Dispose();
    }

    private void SendBefore(Figures figures)
    {
        // The first half warms up.
        RunFor(_load.Before / 2);
        _ledger.DeviceLatency = new LatencyHistogram();
        RunFor(_load.Before / 2);
        figures.AddPercentiles("before_device_ms", _ledger.DeviceLatency);
    }

    private void RunFor(TimeSpan time)
    {
        var since = Stopwatch.GetTimestamp();
        while (_faults.Count == 0 && Stopwatch.GetElapsedTime(since) < time)
        {
            SendDue();
            _loop.Turn(_fleet, _callers, timeoutMilliseconds: 1);
        }
    }

    private void FindAll(long killedAt)
    {
        while (_faults.Count == 0 && !IsCalm())
        {
            SendDue();
            _poller.Poll();
            _loop.Turn(_fleet, _callers, timeoutMilliseconds: 1);
            if (Stopwatch.GetElapsedTime(killedAt) > _load.Limit)
            {
                _faults.Add($"{_load.Devices - _poller.Online} of {_load.Devices} devices are not reachable {_load.Limit.TotalSeconds} s after the silo was killed");
            }
        }
    }

    private bool IsCalm() => _poller.Online == _load.Devices && Stopwatch.GetElapsedTime(_poller.LastFoundAt) > _load.Calm;

    // By the clock and not by the answers: messages that come while the cluster can not take them wait, and that is part of their latency.
    private void SendDue()
    {
        _messages.CallAgain();
        var due = (int)(Stopwatch.GetElapsedTime(_sendingSince).TotalSeconds * _load.MessagesPerSecond);
        while (_called < due && _messages.MayCall)
        {
            var dueAt = _sendingSince + (long)(_called / (double)_load.MessagesPerSecond * Stopwatch.Frequency);
            _messages.Call(_ledger.Start(_random.Next(_load.Devices), dueAt));
            _called++;
        }
    }

    private void Finish()
    {
        var since = Stopwatch.GetTimestamp();
        while (_faults.Count == 0 && !_ledger.IsComplete && Stopwatch.GetElapsedTime(since) < LastMessages)
        {
            _messages.CallAgain();
            _loop.Turn(_fleet, _callers, timeoutMilliseconds: 10);
        }

        _ledger.Close();
    }

    private void AddFigures(Figures figures, long killedAt, long calmAt)
    {
        var latency = new LatencyHistogram();
        var end = Math.Max(_poller.LastRegainedAt, killedAt);
        for (var sequence = 0; sequence < _ledger.Started; sequence++)
        {
            ref readonly var message = ref _ledger[sequence];
            if (message.StartedAt >= killedAt && message.StartedAt <= end)
            {
                latency.Record(message.ArrivedAt - message.StartedAt);
            }
        }

        figures
            .Add("missed", _poller.Missed)
            .Add("reachable_s", Stopwatch.GetElapsedTime(killedAt, end).TotalSeconds)
            .Add("observed_s", Stopwatch.GetElapsedTime(killedAt, calmAt).TotalSeconds)
            .AddPercentiles("device_ms", latency)
            .Add("device_ms_max", latency.MillisecondsAt(1))
            .Add("refused", _messages.Refused)
            .Add("doubled", _ledger.Doubled);
    }
}
