using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>Connects devices to one server, and measures what they cost it when they do nothing, and when they only keep their connections alive.</summary>
internal sealed class IdleRun(IServer server, IdleLoad load, Faults faults) : IDisposable
{
    private const int FirstDevices = 500;
    private const int ConnectingMax = 256;

    // So often do devices ping within a keep-alive: none is overdue because it is watched while it is silent.
    private const int Margin = 3;

    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(10);

    private readonly LoadLoop _loop = new();
    private DeviceFleet? _fleet;

    public Figures Run()
    {
        _fleet = new DeviceFleet(new FleetOptions(load.Devices, new DeviceNames('i'), server.MqttPorts) { KeepAlive = load.PingInterval * Margin }, _loop.Devices, faults);
        var figures = new Figures().Add("connections", load.Devices).Add("ping_interval_s", load.PingInterval.TotalSeconds);
        var first = Math.Min(FirstDevices, load.Devices / 2);
        ConnectUpTo(_fleet, first);
        var memory = new MemorySpan(server);
        ConnectUpTo(_fleet, load.Devices);
        memory.AddTo(figures, "", load.Devices - first);
        WarmUp(_fleet);
        WatchSilent(figures);
        WatchPinging(_fleet, figures);
        return figures;
    }

    public void Dispose()
    {
        _fleet?.Dispose();
        _loop.Dispose();
    }

    private void ConnectUpTo(DeviceFleet fleet, int devices)
    {
        FleetConnector.Connect(_loop, fleet, devices, ConnectingMax, load.Patience, faults);
        server.Meter.WaitUntilQuiet(QuietLimit);
    }

    private void WarmUp(DeviceFleet fleet)
    {
        AwaitPongs(fleet, Ping(fleet, load.WarmUp));
        server.Meter.WaitUntilQuiet(QuietLimit);
        fleet.PongLatency = new LatencyHistogram();
    }

    private void WatchSilent(Figures figures)
    {
        var cpu = new CpuSpan(server);
        var startedAt = Stopwatch.GetTimestamp();
        Thread.Sleep(load.Duration);
        AddShare(figures, "silent", cpu, startedAt);
    }

    private void WatchPinging(DeviceFleet fleet, Figures figures)
    {
        var before = fleet.Pongs;
        var cpu = new CpuSpan(server);
        var startedAt = Stopwatch.GetTimestamp();
        var pinged = Ping(fleet, load.Duration);
        var used = AddShare(figures, "pinging", cpu, startedAt);
        AwaitPongs(fleet, before + pinged);
        figures.Add("pings", pinged).Add("ping_cpu_us", used.TotalMicroseconds / Math.Max(1, pinged)).AddPercentiles("pong_ms", fleet.PongLatency);
    }

    // As a fleet does whose devices connected at any time: evenly.
    private int Ping(DeviceFleet fleet, TimeSpan duration)
    {
        var (pinged, perSecond) = (0, load.Devices / load.PingInterval.TotalSeconds);
        var startedAt = Stopwatch.GetTimestamp();
        while (faults.Count == 0 && Stopwatch.GetElapsedTime(startedAt) < duration)
        {
            for (; pinged < Stopwatch.GetElapsedTime(startedAt).TotalSeconds * perSecond; pinged++)
            {
                fleet.Ping(pinged % load.Devices);
            }

            _loop.Turn(fleet, null, timeoutMilliseconds: 1);
        }

        return pinged;
    }

    private void AwaitPongs(DeviceFleet fleet, long wanted)
    {
        var lastEventAt = Stopwatch.GetTimestamp();
        while (faults.Count == 0 && fleet.Pongs < wanted)
        {
            if (_loop.Turn(fleet, null, timeoutMilliseconds: 100))
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(lastEventAt) > load.Patience)
            {
                faults.Add($"{wanted - fleet.Pongs} of {wanted} PINGREQs were not answered");
            }
        }
    }

    private static TimeSpan AddShare(Figures figures, string prefix, CpuSpan cpu, long startedAt)
    {
        var used = cpu.Server();
        figures.Add($"{prefix}_cpu_percent", 100 * (used / Stopwatch.GetElapsedTime(startedAt)));
        return used;
    }
}
