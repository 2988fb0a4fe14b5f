using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Servers;

/// <summary>A running server in processes of its own; disposing it ends them.</summary>
internal interface IServer : IDisposable
{
    /// <summary>Where devices connect: each to one of them, in turn.</summary>
    IReadOnlyList<int> MqttPorts { get; }

    /// <summary>All its processes together.</summary>
    ProcessMeter Meter { get; }

    /// <summary>Its processes by kind, where they are told apart.</summary>
    IReadOnlyList<ServerPart> Parts => [];

    /// <summary>The last lines that the processes wrote, for whoever has to find out why one failed.</summary>
    string LogTail { get; }

    /// <summary>The topic that devices must subscribe to for broadcasts; null when a broadcast needs no subscription.</summary>
    byte[]? BroadcastTopic { get; }

    /// <summary>A caller that can have as many calls unanswered as the load says.</summary>
    IBroadcastCaller NewCaller(BroadcastLoad load, Faults faults);
}
