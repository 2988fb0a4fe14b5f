using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Grpc;

namespace IotPlatform.E2e.Tests.RealClients;

/// <summary>The gateway and MQTT.js: each scenario is a function of <c>mqtt-js.js</c>, which asserts what the client sees.</summary>
public sealed class MqttJsTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    [SkippableTheory]
    [InlineData("publish", 4)]
    [InlineData("publish", 5)]
    [InlineData("broadcast", 4)]
    [InlineData("broadcast", 5)]
    [InlineData("invoke", 4)]
    [InlineData("invoke", 5)]
    [InlineData("offline", 4)]
    [InlineData("offline", 5)]
    [InlineData("refused", 4)]
    [InlineData("refused", 5)]
    [InlineData("scram", 5)]
    [InlineData("session", 4)]
    [InlineData("session", 5)]
    public async Task MqttJs_InAScenario_SeesWhatTheProtocolSays(string scenario, int version)
    {
        var whyNot = NodeClients.WhyNot("mqtt");
        Skip.If(whyNot is not null, whyNot);
        var device = await gateway.Process.Api.CreateDeviceAsync();

        var (exitCode, output) = await NodeClients.RunAsync(
            "tests/e2e/RealClients/mqtt-js.js", scenario, $"{version}", $"mqtt://{gateway.Process.Mqtt}", gateway.Process.HttpAddress.ToString().TrimEnd('/'),
            GatewayProcess.AdminKey, device.ProductKey, device.Name, device.Secret);

        Assert.True(exitCode == 0, $"{scenario}: {output}");
        Assert.Equal("passed", output.Trim());
    }
}
