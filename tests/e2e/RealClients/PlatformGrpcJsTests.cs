using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Grpc;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.RealClients;

/// <summary>The platform's contract and <c>@grpc/grpc-js</c>: each scenario is a function of <c>platform-grpc.js</c>, which asserts what the caller sees.</summary>
public sealed class PlatformGrpcJsTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    [SkippableTheory]
    [InlineData("broadcast", "to all")]
    [InlineData("message", "to one")]
    [InlineData("stream", "to one")]
    [InlineData("trace", "to one")]
    public async Task GrpcJs_SendsToADevice_TheDeviceReceivesIt(string scenario, string expected)
    {
        SkipWithoutClient();
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());

        await RunAsync(scenario, device);

        Assert.Equal(expected, (await client.ReceiveAsync("what grpc-js sent")).Text);
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
    }

    [SkippableTheory]
    [InlineData("registry")]
    [InlineData("refusals")]
    [InlineData("health")]
    [InlineData("reflection")]
    public async Task GrpcJs_InAScenario_SeesWhatTheContractSays(string scenario)
    {
        SkipWithoutClient();
        await RunAsync(scenario, await gateway.Process.Api.CreateDeviceAsync());
    }

    private static void SkipWithoutClient()
    {
        var whyNot = NodeClients.WhyNot("@grpc/grpc-js") ?? NodeClients.WhyNot("@grpc/proto-loader");
        Skip.If(whyNot is not null, whyNot);
    }

    private async Task RunAsync(string scenario, Device device)
    {
        var (exitCode, output) = await NodeClients.RunAsync(
            "tests/e2e/RealClients/platform-grpc.js", scenario, gateway.Process.GrpcAuthority, NodeClients.Root, GatewayProcess.AdminKey, device.ProductKey, device.Name);
        Assert.True(exitCode == 0, $"{scenario}: {output}");
        Assert.Equal("passed", output.Trim());
    }
}
