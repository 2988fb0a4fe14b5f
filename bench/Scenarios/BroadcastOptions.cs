using IotPlatform.Bench.Floor;
using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Scenarios;

/// <summary>The options that all broadcast scenarios have; their defaults differ.</summary>
internal static class BroadcastOptions
{
    private const int SmokeDevices = 200;
    private const int SmokeBroadcasts = 20;

    public static IReadOnlyList<string> Help { get; } =
    [
        "--connections N    devices that are online",
        "--broadcasts N     broadcasts that are measured",
        "--seconds S        call for so long instead of so often",
        "--in-flight N      unanswered calls at a time; 1: the next call waits for the last device too",
        "--payload N        bytes, at least 8 (default 64)",
        "--qos 0|1          QoS of the broadcast; at 1 every device acknowledges, and the rate counts until that is read",
        "--warm-up N        broadcasts of the same load before those that are measured (default: wide 100, deep 8,000)",
        "--patience S       seconds without any delivery after which the rest counts as missing (default 10)",
    ];

    public static BroadcastLoad Wide(Arguments arguments) => Read(arguments, devices: 10_000, broadcasts: 60, inFlight: 1, warmUp: 100);

    public static BroadcastLoad Deep(Arguments arguments) => Read(arguments, devices: 1_000, broadcasts: 2_000, inFlight: 64, warmUp: 8_000);

    private static BroadcastLoad Read(Arguments arguments, int devices, int broadcasts, int inFlight, int warmUp)
    {
        var smoke = arguments.Switch("smoke");
        return new BroadcastLoad(
            arguments.Number("connections", smoke ? SmokeDevices : devices, min: 1, max: 1_000_000),
            arguments.Number("broadcasts", smoke ? SmokeBroadcasts : broadcasts, min: 1, max: 10_000_000),
            arguments.Number("in-flight", smoke ? Math.Min(inFlight, 8) : inFlight, min: 1, max: 256),
            arguments.Number("payload", otherwise: 64, min: PayloadPattern.BytesMin, max: FloorCommand.PayloadBytesMax),
            arguments.Number("qos", otherwise: 0, min: 0, max: 1))
        {
            Duration = arguments.Seconds("seconds"),
            WarmUp = arguments.Number("warm-up", smoke ? SmokeBroadcasts : warmUp, min: 0, max: 10_000_000),
            Patience = arguments.Seconds("patience") ?? TimeSpan.FromSeconds(10),
        };
    }
}
