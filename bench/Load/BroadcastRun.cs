using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>Puts one broadcast load on one server: connects the devices, warms up, measures, and checks every delivery and every receipt.</summary>
internal sealed class BroadcastRun : IDisposable
{
    private const int FirstDevices = 500;
    private const int ConnectingMax = 256;
    private const int CountedBroadcasts = 20;

    // Long enough for a second copy of the last broadcast to show up.
    private static readonly TimeSpan AfterWait = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(5);

    private readonly IServer _server;
    private readonly BroadcastLoad _load;
    private readonly Faults _faults;
    private readonly DeviceNames _names;
    private readonly LoadLoop _loop = new();
    private readonly DeliveryLedger _ledger;
    private readonly DeviceFleet _fleet;
    private readonly IBroadcastCaller _caller;

    public BroadcastRun(IServer server, BroadcastLoad load, Faults faults)
    {
        _server = server;
        _load = load;
        _faults = faults;
        _names = new DeviceNames(load.Letter);
        _ledger = new DeliveryLedger(load.Devices, _names, faults) { Others = load.Others };
        _fleet = new DeviceFleet(FleetOptions(), _loop.Devices, faults);
        _caller = server.NewCaller(load, faults);
    }

    /// <summary>Told when all devices are online and the first broadcast is about to be called.</summary>
    public Action? BroadcastsBegin { get; init; }

    /// <summary>Told when the measurement begins.</summary>
    public Action? MeasurementBegins { get; init; }

    /// <summary>Says good-bye for the devices, and waits until the server has closed their connections.</summary>
    public void Disconnect()
    {
        _fleet.DisconnectAll();
        _server.Meter.WaitUntilQuiet(QuietLimit);
    }

    public Figures Run()
    {
        var figures = new Figures()
            .Add("connections", _load.Devices).Add("in_flight", _load.InFlight).Add("payload", _load.PayloadBytes).Add("qos", _load.Qos);
        var memory = ConnectFleet();
        _caller.Open(_loop.Callers, _ledger);
        BroadcastsBegin?.Invoke();
        WarmUp();
        Measure(figures);
        if (_server.Parts.Any(static part => part.Probes.Count > 0))
        {
            CountCalls(figures);
        }

        WaitForStrays();
        _ledger.Close();
        return figures.AddAll(memory).Add("missing", _ledger.Missing).Add("doubled", _ledger.Doubled);
    }

    public void Dispose()
    {
        _caller.Dispose();
        _fleet.Dispose();
        _loop.Dispose();
    }

    private FleetOptions FleetOptions()
    {
        return new FleetOptions(_load.Devices, _names, _server.MqttPorts)
        {
            SubscribeTo = _server.BroadcastTopic,
            SubscribeQos = _load.Qos,
            Receiver = new BroadcastReceiver(_ledger, DeliveryCheckOf()),
        };
    }

    private DeliveryCheck DeliveryCheckOf() => _server.BroadcastTopic is { } topic
        ? DeliveryCheck.CommonTopic(topic, _load.PayloadBytes)
        : DeliveryCheck.OwnTopics(_names.BroadcastTopicOf, _load.Devices, _load.PayloadBytes);

    // Answers the memory that a connection added. The first devices are not counted: with them comes the code that serves all.
    private Figures ConnectFleet()
    {
        var figures = new Figures();
        var first = Math.Min(FirstDevices, _load.Devices / 2);
        ConnectUpTo(first);
        var memory = new MemorySpan(_server);
        ConnectUpTo(_load.Devices);
        memory.AddTo(figures, "", _load.Devices - first);
        return figures;
    }

    private void ConnectUpTo(int devices)
    {
        FleetConnector.Connect(_loop, _fleet, devices, ConnectingMax, _load.Patience, _faults);
        _server.Meter.WaitUntilQuiet(QuietLimit);
    }

    private void WarmUp() => Broadcast(() => _ledger.Started < _load.WarmUp);

    private void Measure(Figures figures)
    {
        var first = _ledger.Started;
        var firstDelivery = _ledger.Deliveries;
        var firstSegments = _fleet.SegmentsReceived();
        _ledger.DeviceLatency = new LatencyHistogram();
        var allocations = new AllocationSpan(_server);
        var cpu = new CpuSpan(_server);
        var startedAt = Stopwatch.GetTimestamp();
        MeasurementBegins?.Invoke();
        Broadcast(() => _load.Duration is { } duration ? Stopwatch.GetElapsedTime(startedAt) < duration : _ledger.Started - first < _load.Broadcasts);
        var acknowledgedAt = _load.Qos > 0 ? AwaitAcknowledgements() : 0;
        var deliveries = Math.Max(1, _ledger.Deliveries - firstDelivery);
        figures.Add("broadcasts", _ledger.Started - first).Add("rate", deliveries / SecondsFrom(first, acknowledgedAt));
        cpu.AddTo(figures, "", deliveries);
        figures.Add("segments_per_delivery", (_fleet.SegmentsReceived() - firstSegments) / (double)deliveries);
        allocations.AddTo(figures, "", deliveries);
        AddLatencies(figures, first);
    }

    private void CountCalls(Figures figures)
    {
        var first = _ledger.Started;
        var calls = new CallCount(_server);
        Broadcast(() => _ledger.Started - first < CountedBroadcasts);
        calls.AddTo(figures, "broadcast_", CountedBroadcasts);
    }

    /// <summary>Calls as long as more are wanted, and returns when all are answered and delivered, or nothing comes any more.</summary>
    private void Broadcast(Func<bool> wantsMore)
    {
        var lastEventAt = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(lastEventAt) < _load.Patience)
        {
            while (_faults.Count == 0 && MayCall() && wantsMore())
            {
                _caller.Call(_ledger.Start());
            }

            if (_ledger.Complete == _ledger.Started && _ledger.Answered == _ledger.Started)
            {
                return;
            }

            if (_loop.Turn(_fleet, _caller, timeoutMilliseconds: 100))
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }
        }
    }

    private bool MayCall() =>
        _ledger.Started - _ledger.Answered < _load.InFlight && (!_load.OneAtATime || _ledger.Complete == _ledger.Started);

    // A server that answers a PINGREQ has read the acknowledgements before it on the same connection.
    private long AwaitAcknowledgements()
    {
        var wanted = _fleet.Pongs + _load.Devices;
        for (var device = 0; device < _load.Devices; device++)
        {
            _fleet.Ping(device);
        }

        var lastEventAt = Stopwatch.GetTimestamp();
        while (_faults.Count == 0 && _fleet.Pongs < wanted)
        {
            if (_loop.Turn(_fleet, _caller, timeoutMilliseconds: 100))
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(lastEventAt) > _load.Patience)
            {
                _faults.Add($"the acknowledgements of {wanted - _fleet.Pongs} devices were not read");
            }
        }

        return lastEventAt;
    }

    private void WaitForStrays()
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(startedAt) < AfterWait)
        {
            _loop.Turn(_fleet, _caller, timeoutMilliseconds: 50);
        }
    }

    // From the first call to the last delivery, or what came after it; infinite when nothing was delivered, so that the rate is zero.
    private double SecondsFrom(int first, long last)
    {
        for (var sequence = first; sequence < _ledger.Started; sequence++)
        {
            last = Math.Max(last, _ledger[sequence].LastArrivalAt);
        }

        return last > 0 ? Stopwatch.GetElapsedTime(_ledger[first].StartedAt, last).TotalSeconds : double.PositiveInfinity;
    }

    private void AddLatencies(Figures figures, int first)
    {
        var (lastDevice, call, receiptLag) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (var sequence = first; sequence < _ledger.Started; sequence++)
        {
            ref readonly var broadcast = ref _ledger[sequence];
            lastDevice.Record(broadcast.LastArrivalAt - broadcast.StartedAt);
            call.Record(broadcast.AnsweredAt - broadcast.StartedAt);
            receiptLag.Record(broadcast.AnsweredAt - broadcast.LastArrivalAt);
        }

        figures
            .AddPercentiles("last_device_ms", lastDevice)
            .AddPercentiles("call_ms", call)
            .AddPercentiles("device_ms", _ledger.DeviceLatency)
            .AddPercentiles("receipt_lag_ms", receiptLag);
    }
}
