using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Has services send durable messages to devices that are online and acknowledge them, and follows each to its device, and to its end in the store.
/// </summary>
internal sealed class MessageRun : IDisposable
{
    private const int ConnectingMax = 256;

    // A quarter as many as were timed.
    private const int CountedShare = 4;

    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);

    private static readonly DeviceNames Names = new('m');

    private readonly IPlatform _platform;
    private readonly MessageLoad _load;
    private readonly Faults _faults;
    private readonly LoadLoop _loop = new();
    private readonly MessageLedger _ledger;
    private readonly DeviceFleet _fleet;
    private readonly MessageCaller _caller;
    private int _nextDevice;

    public MessageRun(IPlatform platform, MessageLoad load, Faults faults)
    {
        _platform = platform;
        _load = load;
        _faults = faults;
        _ledger = new MessageLedger(Names, faults);
        var check = DeliveryCheck.OwnTopics(Names.MessageTopicOf, load.Devices, load.PayloadBytes);
        var options = new FleetOptions(load.Devices, Names, platform.MqttPorts) { Receiver = new MessageReceiver(_ledger, check) };
        _fleet = new DeviceFleet(options, _loop.Devices, faults);
        _caller = new MessageCaller(platform, new HttpPool(platform.HttpPorts, load.Callers, firstToken: 0), Names, load.PayloadBytes, _ledger, faults);
    }

    public Figures Run()
    {
        var figures = new Figures().Add("connections", _load.Devices).Add("callers", _load.Callers).Add("payload", _load.PayloadBytes);
        FleetConnector.Connect(_loop, _fleet, _load.Devices, ConnectingMax, _load.Patience, _faults);
        _caller.Open(_loop.Callers);
        var startedAt = Stopwatch.GetTimestamp();
        Send(() => Stopwatch.GetElapsedTime(startedAt) < _load.WarmUp);
        WaitUntilDelivered();
        Measure(figures);
        Count(figures);
        _ledger.Close();
        return figures.Add("doubled", _ledger.Doubled);
    }

    public void Dispose()
    {
        _caller.Dispose();
        _fleet.Dispose();
        _loop.Dispose();
    }

    private void Measure(Figures figures)
    {
        var first = _ledger.Started;
        (_ledger.CallLatency, _ledger.DeviceLatency) = (new LatencyHistogram(), new LatencyHistogram());
        var allocations = new AllocationSpan(_platform);
        var cpu = new CpuSpan(_platform);
        var startedAt = Stopwatch.GetTimestamp();
        Send(() => _ledger.Started - first < _load.Messages);
        var arrived = Stopwatch.GetElapsedTime(startedAt);
        WaitUntilDelivered();
        var delivered = Stopwatch.GetElapsedTime(startedAt);
        figures.Add("messages", _load.Messages).Add("rate", _load.Messages / arrived.TotalSeconds);
        if (_platform.StoredAsDelivered() is not null)
        {
            figures.Add("delivered_rate", _load.Messages / delivered.TotalSeconds);
        }

        cpu.AddTo(figures, "", _load.Messages);
        allocations.AddTo(figures, "", _load.Messages);
        figures.AddPercentiles("call_ms", _ledger.CallLatency).AddPercentiles("device_ms", _ledger.DeviceLatency);
    }

    private void Count(Figures figures)
    {
        var first = _ledger.Started;
        var counted = Math.Max(1, _load.Messages / CountedShare);
        var calls = new CallCount(_platform);
        Send(() => _ledger.Started - first < counted);
        WaitUntilDelivered();
        calls.AddTo(figures, "", counted);
    }

    /// <summary>Calls as long as more are wanted, and returns when all are answered and at their devices, or nothing comes any more.</summary>
    private void Send(Func<bool> wantsMore)
    {
        var lastEventAt = Stopwatch.GetTimestamp();
        while (_faults.Count == 0 && Stopwatch.GetElapsedTime(lastEventAt) < _load.Patience)
        {
            while (_caller.MayCall && wantsMore())
            {
                _caller.Call(_ledger.Start(_nextDevice, Stopwatch.GetTimestamp()));
                _nextDevice = (_nextDevice + 1) % _load.Devices;
            }

            if (_ledger.IsComplete)
            {
                return;
            }

            if (_loop.Turn(_fleet, _caller, timeoutMilliseconds: 100))
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }
        }
    }

    // The last acknowledgements are on their way to the store.
    private void WaitUntilDelivered()
    {
        if (_platform.StoredAsDelivered() is null)
        {
            _platform.Meter.WaitUntilQuiet(QuietLimit);
            return;
        }

        var clock = Stopwatch.StartNew();
        while (_faults.Count == 0 && _platform.StoredAsDelivered() is { } delivered && delivered != _ledger.Started)
        {
            if (clock.Elapsed > _load.Patience)
            {
                _faults.Add($"{delivered} of {_ledger.Started} messages are DELIVERED in the store");
            }

            Thread.Sleep(LookInterval);
        }
    }
}
