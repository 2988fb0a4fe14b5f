using System.Diagnostics;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>Devices that were away come, get the messages that have waited for them, and go when they have the last one.</summary>
internal sealed class Collection(IServer server, SendLoad load, MessageLedger ledger, Faults faults)
{
    /// <summary>Devices online at a time. By default within the 20,000 descriptors of a process.</summary>
    public int AtOnceMax { get; init; } = 15_000;

    /// <summary>Devices that come in a second; null: as fast as there is room for them.</summary>
    public int? PerSecond { get; init; }

    /// <summary>From when a device was to connect, also where it could not do so at once, until it has its last message.</summary>
    public LatencyHistogram LastMessageLatency { get; } = new();

    /// <summary>From the beginning of a device's connecting to its being online.</summary>
    public LatencyHistogram OnlineLatency { get; private set; } = new();

    public void Run()
    {
        using var loop = new LoadLoop();
        var options = MessageFleet.Options(server, load, ledger);
        var receiver = new CollectingReceiver(options.Receiver!, ledger, load.Devices);
        using var fleet = new DeviceFleet(options with { Receiver = receiver }, loop.Devices, faults);
        OnlineLatency = fleet.OnlineLatency;
        var dueAt = new long[load.Devices];
        var (startedAt, left) = (Stopwatch.GetTimestamp(), 0);
        var lastEventAt = startedAt;
        while (faults.Count == 0 && left < load.Devices && Stopwatch.GetElapsedTime(lastEventAt) < load.Patience)
        {
            while (fleet.Started < load.Devices && fleet.Started - left < AtOnceMax && IsDue(fleet.Started, startedAt, out dueAt[fleet.Started]))
            {
                fleet.StartNext();
            }

            if (loop.Turn(fleet, null, timeoutMilliseconds: 1))
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }

            while (receiver.TryTakeComplete(out var device, out var at))
            {
                LastMessageLatency.Record(at - dueAt[device]);
                fleet.Leave(device);
                left++;
            }
        }
    }

    private bool IsDue(int device, long startedAt, out long dueAt)
    {
        var now = Stopwatch.GetTimestamp();
        dueAt = PerSecond is { } perSecond ? startedAt + (long)(device * (double)Stopwatch.Frequency / perSecond) : now;
        return dueAt <= now;
    }
}
