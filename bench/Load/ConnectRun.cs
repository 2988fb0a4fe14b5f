using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Connects a whole fleet at once to one server: first as devices that the server has never seen, then, after a disconnect of all,
/// again as devices that it knows.
/// </summary>
internal sealed class ConnectRun(IServer server, ConnectLoad load, Faults faults) : IDisposable
{
    private const int WarmUpConnectingMax = 64;

    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(10);

    private readonly LoadLoop _loop = new();

    public Figures Run()
    {
        // Those that warm the server up stay, so that the memory they take is not what the measured ones are given.
        using var warmUpLoop = new LoadLoop();
        using var warmUp = new DeviceFleet(new FleetOptions(load.WarmUpDevices, new DeviceNames('w'), server.MqttPort), warmUpLoop.Devices, faults);
        FleetConnector.Connect(warmUpLoop, warmUp, warmUp.Count, WarmUpConnectingMax, load.Patience, faults);
        server.Meter.WaitUntilQuiet(QuietLimit);
        var figures = new Figures().Add("connections", load.Devices);
        ConnectFleet(figures, "");
        ConnectFleet(figures, "again_");
        return figures;
    }

    public void Dispose() => _loop.Dispose();

    // What the server does for the connects after the last CONNACK is part of their cost.
    private void ConnectFleet(Figures figures, string prefix)
    {
        using var fleet = new DeviceFleet(new FleetOptions(load.Devices, new DeviceNames('d'), server.MqttPort), _loop.Devices, faults);
        var residentBefore = server.Meter.ResidentKilobytes();
        var cpu = new CpuSpan(server.Meter);
        var startedAt = Stopwatch.GetTimestamp();
        FleetConnector.Connect(_loop, fleet, fleet.Count, load.ConnectingMax, load.Patience, faults);
        var online = Stopwatch.GetElapsedTime(startedAt, fleet.LastOnlineAt);
        server.Meter.WaitUntilQuiet(QuietLimit);
        figures.Add($"{prefix}rate", load.Devices / online.TotalSeconds).Add($"{prefix}online_ms", online.TotalMilliseconds);
        cpu.AddTo(figures, prefix, load.Devices);
        figures.AddPercentiles($"{prefix}device_ms", fleet.OnlineLatency);
        figures.Add($"{prefix}rss_kb_per_connection", (server.Meter.ResidentKilobytes() - residentBefore) / (double)load.Devices);
        fleet.DisconnectAll();
        server.Meter.WaitUntilQuiet(QuietLimit);
    }
}
