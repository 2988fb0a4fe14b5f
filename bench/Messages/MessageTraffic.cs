using System.Diagnostics;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>The devices, the callers and the ledger of one load, and what all measurements of messages do with them.</summary>
internal sealed class MessageTraffic : IDisposable
{
    private const int ConnectingMax = 256;

    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StoredLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly IServer _server;
    private readonly SendLoad _load;
    private readonly Faults _faults;
    private readonly LoadLoop _loop = new();
    private DeviceFleet _fleet;
    private int _nextDevice;

    public MessageTraffic(IServer server, SendLoad load, MessageApi api, Faults faults)
    {
        _server = server;
        _load = load;
        _faults = faults;

        // Between processes, Orleans keeps no order among calls that are under way together.
        var takesOneWay = server is not Cluster && (server is not IPlatform || api == MessageApi.Stream);
        Ledger = new MessageLedger(MessageFleet.Names, faults, new ArrivalOrder(load.Devices, isOfCalls: takesOneWay), load.HasOwnIds);
        _fleet = NewFleet();
        Caller = MessageCallers.Of(server, api, load, Ledger, faults);
    }

    public MessageLedger Ledger { get; }

    public IMessageCaller Caller { get; }

    /// <summary>Brings all devices online.</summary>
    public void Connect() => FleetConnector.Connect(_loop, _fleet, _load.Devices, ConnectingMax, _load.Patience, _faults);

    /// <summary>Waits until the server has done what it does after a load.</summary>
    public void Settle() => _server.Meter.WaitUntilQuiet(QuietLimit);

    /// <summary>Makes all devices known to the server, and leaves them offline.</summary>
    public void Register()
    {
        if (_server is IPlatform platform)
        {
            using var registry = new DeviceRegistry(platform);
            registry.Register(MessageFleet.Names, _load.Devices);
            return;
        }

        Connect();
        Disconnect();
    }

    /// <summary>Takes all devices offline; the next <see cref="Connect"/> brings them back.</summary>
    public void Disconnect()
    {
        _fleet.DisconnectAll();
        _fleet.Dispose();
        _fleet = NewFleet();
        Settle();
    }

    /// <summary>Opens the callers' connections. Not before they are used: a server closes one on which nothing is asked.</summary>
    public void Open() => Caller.Open(_loop.Callers);

    /// <summary>Calls for so many messages, as fast as they are answered, until all are.</summary>
    public void Send(int messages)
    {
        var last = Ledger.Started + messages;
        Drive(() =>
        {
            while (Ledger.Started < last && Caller.MayCallFor(_nextDevice))
            {
                Call(Stopwatch.GetTimestamp());
            }

            return Ledger.Answered == last;
        });
    }

    /// <summary>Calls for a message to the next device.</summary>
    /// <param name="at">From when on its time counts.</param>
    public void Call(long at)
    {
        Caller.Call(Ledger.Start(_nextDevice, at));
        _nextDevice = (_nextDevice + 1) % _load.Devices;
    }

    /// <summary>Whether one more message may be called for.</summary>
    public bool MayCall => Caller.MayCallFor(_nextDevice);

    /// <summary>Waits until all messages are at their devices.</summary>
    public void AwaitArrivals() => Drive(() => Ledger.Arrived == Ledger.Started);

    /// <summary>Waits until the server has read all acknowledgements: what answers a PINGREQ has read what came before it on the same connection.</summary>
    public void AwaitAcknowledgements()
    {
        if (_faults.Count > 0)
        {
            return;
        }

        var wanted = _fleet.Pongs + _load.Devices;
        for (var device = 0; device < _load.Devices; device++)
        {
            _fleet.Ping(device);
        }

        Drive(() => _fleet.Pongs == wanted);
        if (_fleet.Pongs != wanted)
        {
            _faults.Add($"the acknowledgements of {wanted - _fleet.Pongs} devices were not read");
        }
    }

    /// <summary>Waits until the store has every message as delivered.</summary>
    public void AwaitStored() => AwaitStored(_server, _faults);

    /// <summary>Waits until the store has every message as delivered; who is not the platform has no store to ask.</summary>
    public static void AwaitStored(IServer server, Faults faults)
    {
        if (server is not IPlatform platform || faults.Count > 0)
        {
            return;
        }

        using var stored = new StoredMessages(platform);
        var clock = Stopwatch.StartNew();
        while (stored.HasOpen())
        {
            if (clock.Elapsed > StoredLimit)
            {
                faults.Add("messages that were acknowledged are not DELIVERED in the store");
                return;
            }

            Thread.Sleep(LookInterval);
        }

        if (stored.HasUndelivered())
        {
            faults.Add("messages that were acknowledged are TIMEOUT or FAILED in the store");
        }
    }

    /// <summary>Lets devices and callers work until it is over, or nothing comes any more.</summary>
    public void Drive(Func<bool> isOver, int waitMilliseconds = 100)
    {
        var lastEventAt = Stopwatch.GetTimestamp();
        while (_faults.Count == 0 && !isOver() && Stopwatch.GetElapsedTime(lastEventAt) < _load.Patience)
        {
            Caller.Flush();
            if (_loop.Turn(_fleet, Caller, waitMilliseconds))
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }
        }
    }

    /// <summary>Forgets the times of what was sent so far.</summary>
    public void ResetLatencies() => (Ledger.CallLatency, Ledger.DeviceLatency) = (new LatencyHistogram(), new LatencyHistogram());

    public void Dispose()
    {
        Caller.Dispose();
        _fleet.Dispose();
        _loop.Dispose();
    }

    private DeviceFleet NewFleet() => new(MessageFleet.Options(_server, _load, Ledger), _loop.Devices, _faults);
}
