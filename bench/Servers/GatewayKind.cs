using System.Security.Cryptography;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Servers;

/// <summary>The platform's gateway, standalone: its own process with all grains in it, as the README starts it.</summary>
/// <param name="path">The program.</param>
/// <param name="isProbed">Whether it is asked what is not seen from outside.</param>
/// <param name="settings">Its environment, beyond what every gateway gets here.</param>
internal sealed class GatewayKind(string path, bool isProbed = false, IReadOnlyDictionary<string, string>? settings = null) : IServerKind
{
    public string Name => "gateway";

    /// <summary>The gateway that was built together with this program.</summary>
    public static string DefaultPath() => BuildOutput.PathOf(BuildOutput.FolderOf(BuildOutput.OwnEngine), "Gateway");

    public string? WhyAbsent() => File.Exists(path) ? null : $"there is no gateway at {path}";

    public IServer Start() => StartPlatform();

    public IPlatform StartPlatform()
    {
        var key = RandomNumberGenerator.GetHexString(32);
        var gateway = GatewayProcess.Start(path, key, isProbed, settings);
        try
        {
            gateway.WaitUntilReady();
            return new Running(gateway, key);
        }
        catch
        {
            gateway.Dispose();
            throw;
        }
    }

    private sealed class Running(GatewayProcess gateway, string key) : IPlatform
    {
        public IReadOnlyList<int> MqttPorts { get; } = [gateway.MqttPort];

        public IReadOnlyList<int> HttpPorts { get; } = [gateway.HttpPort];

        public IReadOnlyList<int> GrpcPorts { get; } = [gateway.GrpcPort];

        public string Key => key;

        public ProcessMeter Meter => gateway.Meter;

        public IReadOnlyList<ServerPart> Parts { get; } = gateway.Probe is { } probe ? [new ServerPart("gateway", gateway.Meter, [probe])] : [];

        public string LogTail => gateway.LogTail;

        public byte[]? BroadcastTopic => null;

        public IBroadcastCaller NewCaller(BroadcastLoad load, Faults faults) =>
            new HttpCaller(gateway.HttpPort, key, load.InFlight, load.PayloadBytes, load.Qos, faults);

        public long? StoredAsDelivered() => null;

        public void Dispose() => gateway.Dispose();
    }
}
