using System.Globalization;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Scenarios;

/// <summary>The options of <c>cluster</c>.</summary>
internal sealed record ClusterOptions(
    IReadOnlyList<ClusterShape> Shapes,
    IReadOnlyList<string> Steps,
    string? Programs,
    string? Standalone,
    bool IsSmoke,
    ConnectLoad Connect,
    MessageLoad Messages,
    BroadcastLoad Broadcasts,
    ReattachLoad Reattach,
    int BareCalls,
    int BareAtOnce,
    int BareManyAtOnce)
{
    private static readonly string[] AllSteps = ["bare", "connect", "messages", "broadcast", "reattach"];

    public static IReadOnlyList<string> Help { get; } =
    [
        "--silos N,N,...    silos of the clusters that are measured (default 1,2,3; --smoke: 2)",
        "--gateways N,...   gateways of each (default 1,2,4; --smoke: 2)",
        "--only STEP,...    of bare, connect, messages, broadcast and reattach (default: all; reattach: where there are two silos or more)",
        "--connections N    devices of connect, broadcast and reattach (default 10,000)",
        "--connecting N     devices on their way at a time (default 256)",
        "--messages N       device messages (default 60,000), --callers N at a time (128), to --devices N (1,000)",
        "--broadcasts N     broadcasts that are measured (default 60), after --discarded N others (100)",
        "--live N           messages a second while a silo is killed (default 200)",
        "--calls N          calls of Orleans alone, of each kind (default 200,000), --at-once N of them (8) and --many-at-once N (128)",
        "--payload N        bytes of a message or broadcast, at least 8 (default 64)",
        "--warm-up S        seconds of messages before what is measured (default 15)",
        "--silo-settings NAME=VALUE,...     the environment of silos, DOTNET_gcServer=0 for one; --gateway-settings: that of gateways",
        "--programs PATH    the folder with the build on Orleans (default: beside this program's)",
        "--server PATH      the standalone gateway to compare with (default: the one that was built beside this program); --no-standalone: none",
    ];

    public static ClusterOptions Read(Arguments arguments)
    {
        var smoke = arguments.Switch("smoke");
        var devices = arguments.Number("connections", smoke ? 200 : 10_000, min: 10, max: 1_000_000);
        var payload = arguments.Number("payload", otherwise: 64, min: PayloadPattern.BytesMin, max: 60_000);
        var warmUp = arguments.Seconds("warm-up") ?? TimeSpan.FromSeconds(smoke ? 0.2 : 15);
        var patience = TimeSpan.FromSeconds(20);
        return new ClusterOptions(
            ReadShapes(arguments, smoke),
            ReadSteps(arguments.Text("only")),
            arguments.Text("programs"),
            ReadStandalone(arguments),
            smoke,
            new ConnectLoad(devices, arguments.Number("connecting", 256, min: 1, max: 100_000), smoke ? devices : 2_000, patience),
            new MessageLoad(
                arguments.Number("devices", smoke ? 50 : 1_000, min: 1, max: 100_000),
                arguments.Number("messages", smoke ? 400 : 60_000, min: 1, max: 10_000_000),
                arguments.Number("callers", smoke ? 16 : 128, min: 1, max: 4_096),
                payload)
            {
                WarmUp = warmUp,
                Patience = patience,
            },
            new BroadcastLoad(devices, arguments.Number("broadcasts", smoke ? 5 : 60, min: 1, max: 100_000), InFlight: 1, payload, Qos: 0)
            {
                WarmUp = arguments.Number("discarded", smoke ? 5 : 100, min: 0, max: 100_000),
                Patience = patience,
            },
            new ReattachLoad(devices, arguments.Number("live", smoke ? 50 : 200, min: 1, max: 5_000), payload)
            {
                Before = warmUp / 3,
                Calm = TimeSpan.FromSeconds(smoke ? 8 : 15),
                Limit = TimeSpan.FromSeconds(120),
            },
            arguments.Number("calls", smoke ? 2_000 : 200_000, min: 1_000, max: 100_000_000),
            arguments.Number("at-once", 8, min: 1, max: 10_000),
            arguments.Number("many-at-once", 128, min: 1, max: 10_000));
    }

    private static string? ReadStandalone(Arguments arguments)
    {
        var path = arguments.Text("server") ?? BuildOutput.PathOf(BuildOutput.FolderOf("embedded"), "Gateway");
        return arguments.Switch("no-standalone") ? null : Path.GetFullPath(path);
    }

    private static ClusterShape[] ReadShapes(Arguments arguments, bool smoke)
    {
        var silos = Numbers(arguments, "silos", smoke ? [2] : [1, 2, 3]);
        var gateways = Numbers(arguments, "gateways", smoke ? [2] : [1, 2, 4]);
        var siloSettings = Settings(arguments, "silo-settings");
        var gatewaySettings = Settings(arguments, "gateway-settings");
        return
        [
            .. silos.SelectMany(count => gateways.Select(
                each => new ClusterShape(count, each) { SiloSettings = siloSettings, GatewaySettings = gatewaySettings })),
        ];
    }

    private static string[] ReadSteps(string? text)
    {
        var steps = text?.Split(',') ?? AllSteps;
        return Array.Find(steps, static step => !AllSteps.Contains(step)) is { } unknown
            ? throw new ArgumentException($"--only {unknown} is none of {string.Join(", ", AllSteps)}")
            : steps;
    }

    private static int[] Numbers(Arguments arguments, string name, int[] otherwise)
    {
        if (arguments.Text(name) is not { } text)
        {
            return otherwise;
        }

        return Array.ConvertAll(text.Split(','), word =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 16
                ? number
                : throw new ArgumentException($"--{name} is a list of numbers from 1 to 16"));
    }

    private static Dictionary<string, string> Settings(Arguments arguments, string name)
    {
        var settings = new Dictionary<string, string>();
        foreach (var pair in arguments.Text(name)?.Split(',') ?? [])
        {
            var at = pair.IndexOf('=');
            settings[at > 0 ? pair[..at] : throw new ArgumentException($"--{name} is a list of NAME=VALUE")] = pair[(at + 1)..];
        }

        return settings;
    }
}
