using System.Net.Sockets;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Servers;

/// <summary>Eclipse Mosquitto as the distribution installs it, without limits.</summary>
/// <param name="isPersistent">Whether it saves what it holds, by its defaults: every half an hour, and when it is stopped.</param>
internal sealed class MosquittoKind(bool isPersistent = false) : IServerKind
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);
    private static readonly string[] Places = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto", "/opt/homebrew/sbin/mosquitto"];

    public string Name => "mosquitto";

    public string? WhyAbsent() => Array.Exists(Places, File.Exists) ? null : "mosquitto is not installed";

    public IServer Start()
    {
        var port = RawSocket.FreePort();
        var folder = ChildProcess.NewFolder();
        var configuration = Path.Combine(folder.FullName, "mosquitto.conf");
        File.WriteAllText(configuration, ConfigurationFor(port, folder.FullName));
        var child = ChildProcess.StartLogged(folder, Array.Find(Places, File.Exists)!, ["-c", configuration]);
        try
        {
            child.WaitUntil(() => Accepts(port), StartLimit);
        }
        catch
        {
            child.Dispose();
            throw;
        }

        return new Running(child, port);
    }

    // Without user it would not be who owns the folder, where root starts it.
    // Without allow_duplicate_messages version 2.0 searches all earlier recipients of a message for each next one, which is quadratic in them.
    private string ConfigurationFor(int port, string folder) =>
        $"""
        listener {port} 127.0.0.1
        allow_anonymous true
        persistence {(isPersistent ? "true" : "false")}
        persistence_location {folder}/
        user {Environment.UserName}
        max_connections -1
        max_inflight_messages 0
        max_queued_messages 0
        set_tcp_nodelay true
        allow_duplicate_messages true
        log_type error

        """;

    private static bool Accepts(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class Running(ChildProcess child, int port) : IServer
    {
        public IReadOnlyList<int> MqttPorts { get; } = [port];

        public ProcessMeter Meter { get; } = new(child.Id);

        public string LogTail => child.LogTail();

        public byte[]? BroadcastTopic { get; } = [.. "/broadcast/demo/all"u8];

        public IBroadcastCaller NewCaller(BroadcastLoad load, Faults faults) => new MqttCaller(port, BroadcastTopic!, load.PayloadBytes);

        public void Dispose() => child.Dispose();
    }
}
