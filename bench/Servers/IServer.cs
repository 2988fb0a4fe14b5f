using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Servers;

/// <summary>A running server in a process of its own; disposing it ends the process.</summary>
internal interface IServer : IDisposable
{
    int MqttPort { get; }

    ProcessMeter Meter { get; }

    /// <summary>The last lines that the process wrote, for whoever has to find out why it failed.</summary>
    string LogTail { get; }

    /// <summary>The topic that devices must subscribe to for broadcasts; null when a broadcast needs no subscription.</summary>
    byte[]? BroadcastTopic { get; }

    /// <summary>A caller that can have as many calls unanswered as the load says.</summary>
    IBroadcastCaller NewCaller(BroadcastLoad load, Faults faults);
}
