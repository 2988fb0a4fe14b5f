using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>One of the things that <c>messages</c> measures.</summary>
/// <param name="Name">As <c>--part</c> names it.</param>
/// <param name="Devices">How many, unless the command line says otherwise.</param>
/// <param name="Messages">The same of messages.</param>
/// <param name="WarmUp">The same of messages before them.</param>
/// <param name="Run">Measures.</param>
internal sealed record MessagesPart(string Name, int Devices, int Messages, int WarmUp, Func<IServer, SendLoad, Faults, Figures> Run)
{
    /// <summary>Whether peers do the same.</summary>
    public bool HasPeers { get; init; }

    /// <summary>Whether it is sent without ids, too.</summary>
    public bool MayLeaveIdsToPlatform { get; init; }

    /// <summary>Whether it needs a server that it can kill and start again.</summary>
    public bool RestartsServer { get; init; }

    /// <summary>In the order in which they are measured.</summary>
    public static IReadOnlyList<MessagesPart> All { get; } =
    [
        new("stream-online", Devices: 1_000, Messages: 300_000, WarmUp: 100_000, static (server, load, faults) => Online(server, load, MessageApi.Stream, faults)) { HasPeers = true, MayLeaveIdsToPlatform = true },
        new("stream-offline", Devices: 10_000, Messages: 250_000, WarmUp: 50_000, Offline) { HasPeers = true },
        new("unary-grpc", Devices: 1_000, Messages: 100_000, WarmUp: 50_000, static (server, load, faults) => Online(server, load, MessageApi.Unary, faults)),
        new("rest", Devices: 1_000, Messages: 80_000, WarmUp: 40_000, static (server, load, faults) => Online(server, load, MessageApi.Rest, faults)),
        new("paced", Devices: 1_000, Messages: 30_000, WarmUp: 20_000, Paced) { HasPeers = true },
        new("pending", Devices: 100_000, Messages: 1_000_000, WarmUp: 0, Pending) { RestartsServer = true },
    ];

    private static Figures Online(IServer server, SendLoad load, MessageApi api, Faults faults)
    {
        using var run = new OnlineRun(server, load, api, faults);
        return run.Run();
    }

    private static Figures Offline(IServer server, SendLoad load, Faults faults)
    {
        using var run = new OfflineRun(server, load, faults);
        return run.Run();
    }

    private static Figures Pending(IServer server, SendLoad load, Faults faults) => new PendingRun((DurableGateway)server, load, faults).Run();

    private static Figures Paced(IServer server, SendLoad load, Faults faults)
    {
        using var run = new PacedRun(server, load, MessageApi.Unary, faults);
        return run.Run();
    }
}
