using System.Globalization;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Servers;

/// <summary>The floor, run by this same executable as a process of its own.</summary>
internal sealed class FloorKind : IServerKind
{
    /// <summary>The verb by which the executable knows that it is to be the floor; no scenario has this name.</summary>
    public const string Verb = "floor-server";

    public string Name => "floor";

    public string? WhyAbsent() => null;

    public IServer Start()
    {
        var host = Environment.ProcessPath!;
        var isShared = Path.GetFileNameWithoutExtension(host) == "dotnet";
        string[] arguments = isShared ? [typeof(FloorKind).Assembly.Location, Verb] : [Verb];

        // Compiled fully at once, the floor spends nothing on compiling while it is measured.
        var child = ChildProcess.StartPiped(host, arguments, new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "0" });
        var ports = child.Output.ReadLine()?.Split(' ') ?? throw new ServerStartException("the floor did not start");
        return new Running(child, int.Parse(ports[0], CultureInfo.InvariantCulture), int.Parse(ports[1], CultureInfo.InvariantCulture));
    }

    private sealed class Running(ChildProcess child, int mqttPort, int controlPort) : IServer
    {
        public IReadOnlyList<int> MqttPorts { get; } = [mqttPort];

        public ProcessMeter Meter { get; } = new(child.Id);

        public string LogTail => child.LogTail();

        public byte[]? BroadcastTopic => null;

        public IBroadcastCaller NewCaller(BroadcastLoad load, Faults faults) => new FloorCaller(controlPort, load.Qos, load.PayloadBytes);

        public void Dispose() => child.Dispose();
    }
}
