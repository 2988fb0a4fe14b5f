using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Scenarios;

/// <summary>The options of a connect storm.</summary>
internal static class ConnectOptions
{
    private const int SmokeDevices = 200;

    public static IReadOnlyList<string> Help { get; } =
    [
        "--connections N    devices that connect (default 10,000)",
        "--connecting N     devices on their way at a time (default: all)",
        "--warm-up N        devices that connect before the measurement and stay (default 2,000)",
        "--login KIND       signed (default): with signatures of devices that are registered beforehand; secret: with their secrets; open: they register themselves",
        "--patience S       seconds without any progress after which the rest counts as lost (default 10)",
    ];

    public static ConnectLoad Read(Arguments arguments)
    {
        var smoke = arguments.Switch("smoke");
        var devices = arguments.Number("connections", smoke ? SmokeDevices : 10_000, min: 1, max: 1_000_000);
        return new ConnectLoad(
            devices,
            arguments.Number("connecting", otherwise: devices, min: 1, max: devices),
            arguments.Number("warm-up", smoke ? SmokeDevices : 2_000, min: 1, max: 100_000),
            arguments.Seconds("patience") ?? TimeSpan.FromSeconds(10))
        {
            Login = (arguments.Text("login") ?? "signed") switch
            {
                "signed" => DeviceLogin.Signed,
                "secret" => DeviceLogin.Secret,
                "open" => DeviceLogin.Open,
                var other => throw new ArgumentException($"--login {other} is none of signed, secret and open"),
            },
        };
    }
}
