using System.Globalization;
using System.Security.Cryptography;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Servers;

/// <summary>The platform's gateway, standalone: its own process with all grains in it, as the README starts it.</summary>
internal sealed class GatewayKind(string path) : IServerKind
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    public string Name => "gateway";

    /// <summary>Where the build puts the gateway: beside the benchmark, under the same configuration.</summary>
    public static string DefaultPath()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.Combine(configuration.Parent!.Parent!.FullName, "Gateway", configuration.Name, "IotPlatform.Gateway.dll");
    }

    public string? WhyAbsent() => File.Exists(path) ? null : $"there is no gateway at {path}";

    public IServer Start()
    {
        var key = RandomNumberGenerator.GetHexString(32);
        var (mqttPort, httpPort, grpcPort) = (RawSocket.FreePort(), RawSocket.FreePort(), RawSocket.FreePort());
        var folder = ChildProcess.NewFolder();
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Mqtt__Port"] = mqttPort.ToString(CultureInfo.InvariantCulture),
            ["Http__Port"] = httpPort.ToString(CultureInfo.InvariantCulture),
            ["Grpc__Port"] = grpcPort.ToString(CultureInfo.InvariantCulture),
            ["Data__Path"] = Path.Combine(folder.FullName, "data"),
            ["Bootstrap__AdminKey"] = key,
            ["Logging__LogLevel__Default"] = "Warning",
        };
        var isAssembly = path.EndsWith(".dll", StringComparison.Ordinal);
        var host = isAssembly ? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet" : path;
        var child = ChildProcess.StartLogged(folder, host, isAssembly ? [path] : [], environment);
        WaitUntilReady(child, httpPort);
        return new Running(child, mqttPort, httpPort, key);
    }

    private static void WaitUntilReady(ChildProcess child, int httpPort)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            child.WaitUntil(() => IsReady(client, httpPort), StartLimit);
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    private static bool IsReady(HttpClient client, int httpPort)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{httpPort}/readyz");
            using var answer = client.Send(request);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private sealed class Running(ChildProcess child, int mqttPort, int httpPort, string key) : IServer
    {
        public int MqttPort => mqttPort;

        public ProcessMeter Meter { get; } = new(child.Id);

        public string LogTail => child.LogTail();

        public byte[]? BroadcastTopic => null;

        public IBroadcastCaller NewCaller(BroadcastLoad load, Faults faults) =>
            new HttpCaller(httpPort, key, load.InFlight, load.PayloadBytes, load.Qos, faults);

        public void Dispose() => child.Dispose();
    }
}
