using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Scenarios;

/// <summary>Which servers a scenario runs against, and how often.</summary>
internal sealed record ComparisonOptions(IReadOnlyList<IServerKind> Kinds, IReadOnlyList<IServerKind> Peers, int Rounds)
{
    public static IReadOnlyList<string> Help { get; } =
    [
        "--server PATH      the gateway to run (default: the one that was built beside this program)",
        "--no-floor         leave out the floor, and with it the ratios",
        "--peer mosquitto   run the same load on Mosquitto, where it is installed",
        "--rounds N         run everything N times, alternating, and print the medians too (default 1)",
        "--smoke            small sizes: checks that everything arrives, measures nothing worth keeping",
    ];

    /// <summary>The floor, unless refused, then the gateway, then peers.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="isProbed">Whether the gateway is asked what is not seen from outside.</param>
    public static ComparisonOptions Read(Arguments arguments, bool isProbed = false)
    {
        var gateway = new GatewayKind(Path.GetFullPath(arguments.Text("server") ?? GatewayKind.DefaultPath()), isProbed);
        IServerKind[] kinds = arguments.Switch("no-floor") ? [gateway] : [new FloorKind(), gateway];
        return new ComparisonOptions(kinds, ReadPeers(arguments), ReadRounds(arguments));
    }

    /// <summary>Peers, of a scenario that has servers of its own choice.</summary>
    public static ComparisonOptions ReadPeersOnly(Arguments arguments) => new([], ReadPeers(arguments), ReadRounds(arguments));

    /// <summary>The floor alone, and peers.</summary>
    public static ComparisonOptions ReadFloorOnly(Arguments arguments) => new([new FloorKind()], ReadPeers(arguments), ReadRounds(arguments));

    private static IServerKind[] ReadPeers(Arguments arguments) => arguments.Text("peer") switch
    {
        null => [],
        "mosquitto" => [new MosquittoKind()],
        var other => throw new ArgumentException($"{other} is no known peer"),
    };

    private static int ReadRounds(Arguments arguments) => arguments.Number("rounds", otherwise: 1, min: 1, max: 100);
}
