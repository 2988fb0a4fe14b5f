using IotPlatform.Bench.Scenarios;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>The options of <c>messages</c>.</summary>
internal sealed record MessagesOptions(
    IReadOnlyList<MessagesPart> Parts,
    string Store,
    string Server,
    IReadOnlyList<IServerKind> Peers,
    int Rounds,
    Func<MessagesPart, SendLoad> LoadOf)
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    private const int SmokeDevices = 50;
    private const int SmokeMessages = 1_000;

    public static IReadOnlyList<string> Help { get; } =
    [
        "--part NAME,...    of stream-online, stream-offline, unary-grpc, rest, paced and pending (default: all), each on a server of its own",
        "--store NAME       sqlite (default): one process; postgres: a cluster of one silo and one gateway on a PostgreSQL of its own, without pending",
        "--devices N        devices that get messages in turns (1,000; away: 10,000; pending: 100,000)",
        "--messages N       messages that are measured, and --warm-up N before them; of pending --count N (1,000,000)",
        "--streams N        streams, a connection each (4), with --under-way N unanswered messages on each (1,000); the publishers of a peer",
        "--ids WHO          caller: who sends to devices that are online over a stream gives messages their ids, and may repeat them; platform (default): it makes them",
        "--callers N        calls at a time where each message is one (64), gRPC's on --connections N (4)",
        "--rate N           messages a second of paced (2,000)",
        "--connects N       devices a second that come for what is pending (2,000)",
        "--payload N        bytes, at least 8 (default 64)",
        "--patience S       seconds without any answer or delivery after which the rest counts as missing (default 10)",
    ];

    /// <summary>The limits on how many messages one caller may send would be what is measured.</summary>
    public static IReadOnlyDictionary<string, string> GatewaySettings { get; } = new Dictionary<string, string>
    {
        ["Messages__SendsPerSecondPerProduct"] = "0",
        ["Messages__SendsPerSecondPerCaller"] = "0",
    };

    public static MessagesOptions Read(Arguments arguments)
    {
        var smoke = arguments.Switch("smoke");
        var store = ReadStore(arguments.Text("store"));
        var servers = ComparisonOptions.ReadPeersOnly(arguments);
        return new MessagesOptions(
            ReadParts(arguments.Text("part"), store),
            store,
            Path.GetFullPath(arguments.Text("server") ?? GatewayKind.DefaultPath()),
            [.. servers.Peers.Select(static peer => peer is MosquittoKind ? new MosquittoKind(isPersistent: true) : peer)],
            servers.Rounds,
            ReadLoads(arguments, smoke));
    }

    private static Func<MessagesPart, SendLoad> ReadLoads(Arguments arguments, bool smoke)
    {
        var devices = NumberOrNone(arguments, "devices", min: 1, max: 900_000);
        var messages = NumberOrNone(arguments, "messages", min: 1, max: 10_000_000);
        var pending = NumberOrNone(arguments, "count", min: 1, max: 10_000_000);
        var hasOwnIds = ReadIds(arguments.Text("ids"));
        var warmUp = NumberOrNone(arguments, "warm-up", min: 0, max: 10_000_000);
        var load = new SendLoad(0, 0, 0, arguments.Number("payload", otherwise: 64, min: PayloadPattern.BytesMin, max: 60_000))
        {
            Streams = arguments.Number("streams", smoke ? 2 : 4, min: 1, max: 64),
            UnderWay = arguments.Number("under-way", smoke ? 100 : 1_000, min: 1, max: 50_000),
            Callers = arguments.Number("callers", smoke ? 8 : 64, min: 1, max: 1_024),
            Connections = arguments.Number("connections", smoke ? 2 : 4, min: 1, max: 64),
            PerSecond = arguments.Number("rate", smoke ? 500 : 2_000, min: 1, max: 100_000),
            ConnectsPerSecond = arguments.Number("connects", smoke ? 200 : 2_000, min: 1, max: 100_000),
            Patience = arguments.Seconds("patience") ?? TimeSpan.FromSeconds(10),
        };
        return part => load with
        {
            HasOwnIds = hasOwnIds || !part.MayLeaveIdsToPlatform,
            Devices = devices ?? (smoke ? SmokeDevices : part.Devices),
            Messages = (part.RestartsServer ? pending : messages) ?? (smoke ? SmokeMessages : part.Messages),
            WarmUp = warmUp ?? (smoke ? SmokeMessages : part.WarmUp),
        };
    }

    private static int? NumberOrNone(Arguments arguments, string name, int min, int max) =>
        arguments.Text(name) is null ? null : arguments.Number(name, otherwise: min, min, max);

    private static MessagesPart[] ReadParts(string? text, string store)
    {
        // What restarts the server knows how to restart one process.
        MessagesPart[] known = [.. MessagesPart.All.Where(part => !part.RestartsServer || store == Sqlite)];
        return text is null
            ? known
            : Array.ConvertAll(text.Split(','), name =>
                Array.Find(known, part => part.Name == name)
                ?? throw new ArgumentException($"--part {name} is none of {string.Join(", ", known.Select(static part => part.Name))}"));
    }

    private static bool ReadIds(string? text) => text switch
    {
        null or "platform" => false,
        "caller" => true,
        _ => throw new ArgumentException("--ids is caller or platform"),
    };

    private static string ReadStore(string? text) => text switch
    {
        null or Sqlite => Sqlite,
        Postgres => Postgres,
        _ => throw new ArgumentException("--store is sqlite or postgres"),
    };
}
