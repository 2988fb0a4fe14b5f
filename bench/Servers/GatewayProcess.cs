using System.Globalization;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Probe;

namespace IotPlatform.Bench.Servers;

/// <summary>One gateway: alone, or of a cluster.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _child;

    private GatewayProcess(ChildProcess child, int mqttPort, int httpPort, int grpcPort, ProbeClient? probe)
    {
        _child = child;
        MqttPort = mqttPort;
        HttpPort = httpPort;
        GrpcPort = grpcPort;
        Probe = probe;
        Meter = new ProcessMeter(child.Id);
    }

    public int MqttPort { get; }

    public int HttpPort { get; }

    public int GrpcPort { get; }

    public ProcessMeter Meter { get; }

    /// <summary>Asks it; null when it was started without.</summary>
    public ProbeClient? Probe { get; }

    public string LogTail => _child.LogTail();

    /// <summary>Starts a gateway, and does not wait for it.</summary>
    /// <param name="path">The program.</param>
    /// <param name="key">What its callers are permitted with.</param>
    /// <param name="isProbed">Whether it can be asked what is not seen from outside.</param>
    /// <param name="settings">Its environment, beyond what every gateway gets here.</param>
    public static GatewayProcess Start(string path, string key, bool isProbed = false, IEnumerable<KeyValuePair<string, string>>? settings = null)
    {
        var (mqttPort, httpPort, grpcPort) = (RawSocket.FreePort(), RawSocket.FreePort(), RawSocket.FreePort());
        var folder = ChildProcess.NewFolder();
        var probe = isProbed ? new ProbeClient(folder) : null;
        var environment = new Dictionary<string, string>(probe?.Environment ?? [])
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Mqtt__Port"] = mqttPort.ToString(CultureInfo.InvariantCulture),
            ["Http__Port"] = httpPort.ToString(CultureInfo.InvariantCulture),
            ["Grpc__Port"] = grpcPort.ToString(CultureInfo.InvariantCulture),
            ["Data__Path"] = Path.Combine(folder.FullName, "data"),
            ["Bootstrap__AdminKey"] = key,
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var (name, value) in settings ?? [])
        {
            environment[name] = value;
        }

        return new GatewayProcess(ChildProcess.StartProgram(folder, path, [], environment), mqttPort, httpPort, grpcPort, probe);
    }

    /// <summary>Waits until it takes connections and calls.</summary>
    public void WaitUntilReady()
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        _child.WaitUntil(() => IsReady(client), StartLimit);
    }

    public void Dispose()
    {
        Probe?.Dispose();
        _child.Dispose();
    }

    private bool IsReady(HttpClient client)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{HttpPort}/readyz");
            using var answer = client.Send(request);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
