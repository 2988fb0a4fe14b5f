using System.Diagnostics;
using System.Security.Cryptography;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Servers;

/// <summary>The platform's gateway, standalone, whose data outlives its process. With every process come other ports.</summary>
internal sealed class DurableGateway : IPlatform
{
    private readonly string _path;
    private readonly Dictionary<string, string> _settings;
    private readonly DirectoryInfo _data = ChildProcess.NewFolder();
    private GatewayProcess _gateway;

    public DurableGateway(string path, IReadOnlyDictionary<string, string> settings)
    {
        _path = path;
        _settings = new Dictionary<string, string>(settings) { ["Data__Path"] = _data.FullName };
        _gateway = Launch();
        try
        {
            _gateway.WaitUntilReady();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<int> MqttPorts => [_gateway.MqttPort];

    public IReadOnlyList<int> HttpPorts => [_gateway.HttpPort];

    public IReadOnlyList<int> GrpcPorts => [_gateway.GrpcPort];

    public string Key { get; } = RandomNumberGenerator.GetHexString(32);

    public ProcessMeter Meter => _gateway.Meter;

    public IReadOnlyList<ServerPart> Parts => [new ServerPart("gateway", _gateway.Meter, [_gateway.Probe!])];

    public string LogTail => _gateway.LogTail;

    public byte[]? BroadcastTopic => null;

    public IBroadcastCaller NewCaller(BroadcastLoad load, Faults faults) =>
        new HttpCaller(_gateway.HttpPort, Key, load.InFlight, load.PayloadBytes, load.Qos, faults);

    public long? StoredAsDelivered() => null;

    /// <summary>Ends the process as a crash would (<c>kill -9</c>), starts another on what it has left, and answers how long that took to get ready.</summary>
    public TimeSpan Restart()
    {
        _gateway.Dispose();
        var startedAt = Stopwatch.GetTimestamp();
        _gateway = Launch();
        _gateway.WaitUntilReady();
        return Stopwatch.GetElapsedTime(startedAt);
    }

    /// <summary>Collects all garbage, and answers the bytes of heap that are left, and those that are resident.</summary>
    public (long Heap, long Resident) SettledMemory() => (_gateway.Probe!.SettledHeap(), _gateway.Meter.ResidentKilobytes() * 1024);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _gateway.Dispose();
        _data.Delete(recursive: true);
    }

    private GatewayProcess Launch()
    {
        var gateway = GatewayProcess.Start(_path, Key, isProbed: true, _settings);

        // Behind that of the process, which ends it.
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        return gateway;
    }

    // An interrupted benchmark leaves nothing behind either.
    private void OnExit(object? sender, EventArgs arguments) => _data.Delete(recursive: true);
}
