using System.ComponentModel;
using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Has a few devices send PINGREQ, and services send them messages, at a fixed pace, while another load is on the server. On a thread of its own: what is
/// timed here does not wait behind what the other load's devices have to read.
/// </summary>
internal sealed class ProbeRun : IDisposable
{
    private const int ConnectingMax = 64;
    private const int Callers = 64;

    private static readonly DeviceNames Names = new('q');

    private readonly ProbeLoad _load;
    private readonly Faults _faults = new();
    private readonly LoadLoop _loop = new();
    private readonly MessageLedger _ledger;
    private readonly DeviceFleet _fleet;
    private readonly MessageCaller? _messages;
    private readonly Thread _thread;
    private LatencyHistogram? _pongs;
    private int _pinged;
    private bool _isOver;

    /// <param name="server">Gets device messages too where it takes them.</param>
    /// <param name="load">How many devices, and how often.</param>
    public ProbeRun(IServer server, ProbeLoad load)
    {
        _load = load;
        _ledger = new MessageLedger(Names, _faults);
        var check = DeliveryCheck.OwnTopics(Names.MessageTopicOf, load.Devices, load.PayloadBytes);
        var receiver = new ProbeReceiver(new MessageReceiver(_ledger, check));
        _fleet = new DeviceFleet(new FleetOptions(load.Devices, Names, server.MqttPorts) { Receiver = receiver }, _loop.Devices, _faults);
        _messages = server is IPlatform platform
            ? new MessageCaller(platform, new HttpPool(platform.HttpPorts, Callers, firstToken: 0), Names, load.PayloadBytes, _ledger, _faults)
            : null;
        _thread = new Thread(Run) { IsBackground = true, Name = "probes" };
    }

    /// <summary>Connects the devices.</summary>
    public void Connect() => FleetConnector.Connect(_loop, _fleet, _load.Devices, ConnectingMax, _load.Patience, _faults);

    /// <summary>Begins to send.</summary>
    public void Start()
    {
        _messages?.Open(_loop.Callers);
        _thread.Start();
    }

    /// <summary>Counts from here on; called by another thread.</summary>
    public void Begin() => Volatile.Write(ref _pongs, new LatencyHistogram());

    /// <summary>Ends, waits for what is on its way, and adds what was measured.</summary>
    public void AddTo(Figures figures, Faults faults)
    {
        Volatile.Write(ref _isOver, true);
        _thread.Join();
        _ledger.Close();
        faults.AddAll(_faults);
        figures.Add("probes", _load.Devices).Add("pings", _pinged).AddPercentiles("pong_ms", _fleet.PongLatency);
        if (_messages is not null)
        {
            figures
                .Add("messages", _ledger.Started)
                .AddPercentiles("message_ms", _ledger.DeviceLatency)
                .AddPercentiles("message_call_ms", _ledger.CallLatency);
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _isOver, true);
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _messages?.Dispose();
        _fleet.Dispose();
        _loop.Dispose();
    }

    private void Run()
    {
        try
        {
            Probe();
            Finish();
        }
        catch (Exception exception) when (exception is IOException or Win32Exception)
        {
            _faults.Add($"the probes could not go on: {exception.Message}");
        }
    }

    private void Probe()
    {
        var (startedAt, due) = (Stopwatch.GetTimestamp(), 0);
        while (!Volatile.Read(ref _isOver) && _faults.Count == 0)
        {
            StartCounting();
            for (; due < Stopwatch.GetElapsedTime(startedAt).TotalSeconds * _load.PerSecond; due++)
            {
                _fleet.Ping(due % _load.Devices);
                _pinged++;
                if (_messages is { MayCall: true })
                {
                    _messages.Call(_ledger.Start(due % _load.Devices, Stopwatch.GetTimestamp()));
                }
            }

            _loop.Turn(_fleet, _messages, timeoutMilliseconds: 1);
        }
    }

    private void StartCounting()
    {
        if (Volatile.Read(ref _pongs) is { } pongs && pongs != _fleet.PongLatency)
        {
            _fleet.PongLatency = pongs;
            (_ledger.CallLatency, _ledger.DeviceLatency) = (new LatencyHistogram(), new LatencyHistogram());
        }
    }

    private void Finish()
    {
        var since = Stopwatch.GetTimestamp();
        while (_faults.Count == 0 && (_fleet.Pongs < _pinged || !_ledger.IsComplete))
        {
            _loop.Turn(_fleet, _messages, timeoutMilliseconds: 10);
            if (Stopwatch.GetElapsedTime(since) > _load.Patience)
            {
                _faults.Add($"{_pinged - _fleet.Pongs} PINGREQs were not answered, {_ledger.Started - _ledger.Arrived} messages not delivered");
            }
        }
    }
}
