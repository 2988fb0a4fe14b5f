using System.Globalization;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Probe;

namespace IotPlatform.Bench.Servers;

/// <summary>One silo of a cluster.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly ChildProcess _child;

    private SiloProcess(ChildProcess child, ProbeClient probe)
    {
        _child = child;
        Probe = probe;
        Meter = new ProcessMeter(child.Id);
    }

    public ProcessMeter Meter { get; }

    public ProbeClient Probe { get; }

    public string LogTail => _child.LogTail();

    /// <summary>Starts a silo, and does not wait for it.</summary>
    public static SiloProcess Start(string path, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var folder = ChildProcess.NewFolder();
        var probe = new ProbeClient(folder);
        var environment = new Dictionary<string, string>(probe.Environment)
        {
            ["Silo__Port"] = RawSocket.FreePort().ToString(CultureInfo.InvariantCulture),
            ["Silo__GatewayPort"] = RawSocket.FreePort().ToString(CultureInfo.InvariantCulture),
            ["Silo__AdvertisedAddress"] = "127.0.0.1",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Broadcasts__CallsPerMinute"] = "0",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return new SiloProcess(ChildProcess.StartProgram(folder, path, [], environment), probe);
    }

    public void WaitUntil(Func<bool> serves, TimeSpan limit) => _child.WaitUntil(serves, limit);

    /// <summary>Ends it as a power loss would: nobody is told.</summary>
    public void Kill() => _child.Kill();

    public void Dispose()
    {
        Probe.Dispose();
        _child.Dispose();
    }
}
