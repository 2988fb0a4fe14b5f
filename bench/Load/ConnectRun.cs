using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Connects a whole fleet at once to one server: first as devices that the server has never seen connected, then, after a disconnect of all,
/// again as devices that it knows.
/// </summary>
internal sealed class ConnectRun(IServer server, ConnectLoad load, Faults faults) : IDisposable
{
    private const int WarmUpConnectingMax = 64;

    // Processes of a cluster always have something to say to each other, which would be counted as the connects' if it were waited for long.
    private const double IdleCoresOfCluster = 0.15;

    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan QuietLimitOfCluster = TimeSpan.FromSeconds(1);

    // A product of their own has no open door.
    private readonly string _productKey = load.Login == DeviceLogin.Open ? DeviceNames.DemoProduct : "storm";
    private readonly LoadLoop _loop = new();
    private IReadOnlyList<DeviceIdentity>? _identities;

    private DeviceNames Names => new('d', _productKey);

    public Figures Run()
    {
        var warmUpNames = new DeviceNames('w', _productKey);
        var warmUpIdentities = Register(warmUpNames);

        // Those that warm the server up stay, so that the memory they take is not what the measured ones are given.
        using var warmUpLoop = new LoadLoop();
        using var warmUp = new DeviceFleet(new FleetOptions(load.WarmUpDevices, warmUpNames, server.MqttPorts) { Identities = warmUpIdentities }, warmUpLoop.Devices, faults);
        FleetConnector.Connect(warmUpLoop, warmUp, warmUp.Count, WarmUpConnectingMax, load.Patience, faults);
        WaitUntilQuiet();
        var figures = new Figures().Add("connections", load.Devices);
        ConnectFleet(figures, "");
        ConnectFleet(figures, "again_");
        if (server.Parts.Any(static part => part.Probes.Count > 0))
        {
            CountCalls(figures);
        }

        return figures;
    }

    public void Dispose() => _loop.Dispose();

    // Before anything is measured. Null where any password will do.
    private DeviceIdentity[]? Register(DeviceNames warmUpNames)
    {
        if (load.Login == DeviceLogin.Open || server is not IPlatform platform)
        {
            return null;
        }

        using var registry = new DeviceRegistry(platform);
        registry.CreateProduct(_productKey);
        _identities = Identities(registry, Names, load.Devices);
        return Identities(registry, warmUpNames, load.WarmUpDevices);
    }

    private DeviceIdentity[] Identities(DeviceRegistry registry, DeviceNames names, int devices) =>
        [.. registry.Register(names, devices).Select((secret, device) =>
            load.Login == DeviceLogin.Signed ? DeviceIdentity.Signed(names, device, secret) : new DeviceIdentity(names.NameOf(device), secret))];

    // What the server does for the connects after the last CONNACK is part of their cost.
    private void ConnectFleet(Figures figures, string prefix)
    {
        using var fleet = NewFleet();
        var memory = new MemorySpan(server);
        var cpu = new CpuSpan(server);
        var allocations = new AllocationSpan(server);
        var startedAt = Stopwatch.GetTimestamp();
        Connect(fleet);
        var online = Stopwatch.GetElapsedTime(startedAt, fleet.LastOnlineAt);
        WaitUntilQuiet();
        figures.Add($"{prefix}rate", load.Devices / online.TotalSeconds).Add($"{prefix}online_ms", online.TotalMilliseconds);
        cpu.AddTo(figures, prefix, load.Devices);
        allocations.AddTo(figures, prefix, load.Devices);
        figures.AddPercentiles($"{prefix}device_ms", fleet.OnlineLatency);
        memory.AddTo(figures, prefix, load.Devices);
        Disconnect(fleet);
    }

    private void CountCalls(Figures figures)
    {
        using var fleet = NewFleet();
        var calls = new CallCount(server);
        Connect(fleet);
        WaitUntilQuiet();
        calls.AddTo(figures, "again_", load.Devices);
        Disconnect(fleet);
    }

    private DeviceFleet NewFleet() => new(new FleetOptions(load.Devices, Names, server.MqttPorts) { Identities = _identities }, _loop.Devices, faults);

    private void Connect(DeviceFleet fleet) => FleetConnector.Connect(_loop, fleet, fleet.Count, load.ConnectingMax, load.Patience, faults);

    private void Disconnect(DeviceFleet fleet)
    {
        fleet.DisconnectAll();
        WaitUntilQuiet();
    }

    private void WaitUntilQuiet()
    {
        if (server.Parts.Count > 1)
        {
            server.Meter.WaitUntilQuiet(QuietLimitOfCluster, IdleCoresOfCluster);
        }
        else
        {
            server.Meter.WaitUntilQuiet(QuietLimit);
        }
    }
}
