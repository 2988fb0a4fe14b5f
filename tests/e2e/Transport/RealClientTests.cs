using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Grpc;
using IotPlatform.E2e.Tests.RealClients;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>Somebody else's clients over TLS and WebSocket.</summary>
public sealed class RealClientTests(TlsGateway gateway) : IClassFixture<TlsGateway>
{
    private RestApi Api => gateway.Process.Api;

    [SkippableTheory]
    [InlineData("311", "tlsv1.2")]
    [InlineData("5", "tlsv1.3")]
    public async Task Published_ByMosquittoOverTls_ReachesMosquittoOverTls(string version, string tls)
    {
        SkipWithout("stdbuf");
        SkipWithout("mosquitto_sub");
        SkipWithout("mosquitto_pub");
        var devices = await Api.CreateDevicesAsync(2);
        var topic = $"rooms/{devices[0].Name}/light";
        await using var subscriber = ClientProgram.Start(
            "stdbuf", ["-oL", "mosquitto_sub", .. Login(devices[0], version, tls), "-d", "-F", "%t %q %p", "-W", "30", "-q", "1", "-t", "rooms/#", "-C", "1"]);
        await subscriber.UntilOutputAsync("Subscribed (mid", "mosquitto_sub has subscribed");

        await using var publisher = ClientProgram.Start("mosquitto_pub", [.. Login(devices[1], version, tls), "-q", "1", "-t", topic, "-m", "on"]);

        await publisher.SuccessAsync("mosquitto_pub");
        Assert.Contains($"{topic} 1 on", await subscriber.SuccessAsync("mosquitto_sub"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("ws", "publish", 4)]
    [InlineData("ws", "publish", 5)]
    [InlineData("ws", "offline", 5)]
    [InlineData("ws", "refused", 4)]
    [InlineData("ws", "refused", 5)]
    [InlineData("wss", "publish", 4)]
    [InlineData("wss", "session", 5)]
    [InlineData("wss", "refused", 5)]
    [InlineData("mqtts", "publish", 5)]
    [InlineData("mqtts", "refused", 4)]
    public async Task MqttJs_InAScenario_SeesWhatTheProtocolSays(string transport, string scenario, int version)
    {
        var whyNot = NodeClients.WhyNot("mqtt");
        Skip.If(whyNot is not null, whyNot);

        var (exitCode, output) = await NodeClients.RunAsync(
            "tests/e2e/RealClients/mqtt-js.js", await ArgumentsAsync(transport, scenario, version));

        Assert.True(exitCode == 0, $"{scenario}: {output}");
        Assert.Equal("passed", output.Trim());
    }

    [SkippableTheory]
    [InlineData("ws", "publish", 4)]
    [InlineData("ws", "offline", 5)]
    [InlineData("ws", "refused", 5)]
    [InlineData("wss", "publish", 5)]
    [InlineData("wss", "broadcast", 4)]
    [InlineData("mqtts", "publish", 4)]
    [InlineData("mqtts", "offline", 5)]
    [InlineData("mqtts", "refused", 5)]
    public async Task Paho_InAScenario_SeesWhatTheProtocolSays(string transport, string scenario, int version)
    {
        var python = await PahoTests.FindPythonAsync();
        Skip.If(python is null, "Python's paho-mqtt is not installed.");

        await using var paho = ClientProgram.Start(
            python!, [Path.Combine(NodeClients.Root, "tests/e2e/RealClients/paho_client.py"), .. await ArgumentsAsync(transport, scenario, version)]);

        Assert.EndsWith("passed", (await paho.SuccessAsync($"paho, {scenario}")).Trim(), StringComparison.Ordinal);
    }

    private static void SkipWithout(string program)
    {
        var whyNot = ClientProgram.WhyNot(program);
        Skip.If(whyNot is not null, whyNot);
    }

    private async Task<string[]> ArgumentsAsync(string transport, string scenario, int version)
    {
        var device = await Api.CreateDeviceAsync();
        var address = transport switch
        {
            "ws" => $"ws://localhost:{gateway.Process.HttpAddress.Port}/mqtt",
            "wss" => gateway.WebSocket.ToString(),
            _ => $"mqtts://localhost:{gateway.Mqtts.Port}",
        };
        string[] arguments =
        [
            scenario, $"{version}", address, gateway.Process.HttpAddress.ToString().TrimEnd('/'), GatewayProcess.AdminKey, device.ProductKey, device.Name, device.Secret,
        ];
        return transport == "ws" ? arguments : [.. arguments, gateway.AuthorityFile];
    }

    private string[] Login(Device device, string version, string tls) =>
    [
        "-h", "localhost", "-p", $"{gateway.Mqtts.Port}", "--cafile", gateway.AuthorityFile, "--tls-version", tls,
        "-V", version, "-i", device.Name, "-u", device.UserName, "-P", device.Secret,
    ];
}
