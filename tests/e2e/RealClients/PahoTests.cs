using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Grpc;

namespace IotPlatform.E2e.Tests.RealClients;

/// <summary>The gateway and Python's paho: each scenario is a function of <c>paho_client.py</c>, which asserts what the client sees.</summary>
public sealed class PahoTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    [SkippableTheory]
    [InlineData("publish", 4)]
    [InlineData("publish", 5)]
    [InlineData("broadcast", 4)]
    [InlineData("broadcast", 5)]
    [InlineData("offline", 4)]
    [InlineData("offline", 5)]
    [InlineData("retained", 4)]
    [InlineData("retained", 5)]
    [InlineData("refused", 4)]
    [InlineData("refused", 5)]
    public async Task Paho_InAScenario_SeesWhatTheProtocolSays(string scenario, int version)
    {
        var python = await FindPythonAsync();
        Skip.If(python is null, "Python's paho-mqtt is not installed.");
        var device = await gateway.Process.Api.CreateDeviceAsync();

        await using var paho = ClientProgram.Start(
            python!, Path.Combine(NodeClients.Root, "tests/e2e/RealClients/paho_client.py"),
            scenario, $"{version}", $"mqtt://{gateway.Process.Mqtt}", gateway.Process.HttpAddress.ToString().TrimEnd('/'), GatewayProcess.AdminKey,
            device.ProductKey, device.Name, device.Secret);

        Assert.EndsWith("passed", (await paho.SuccessAsync($"paho, {scenario}")).Trim(), StringComparison.Ordinal);
    }

    // A distribution's package belongs to the distribution's own Python, which need not be the first in the path.
    internal static async Task<string?> FindPythonAsync()
    {
        foreach (var python in new[] { "python3", "/usr/bin/python3" })
        {
            if (ClientProgram.WhyNot(python) is not null)
            {
                continue;
            }

            await using var probe = ClientProgram.Start(python, "-c", "import paho.mqtt.client; print('has paho')");
            if (await HasPahoAsync(probe))
            {
                return python;
            }
        }

        return null;
    }

    private static async Task<bool> HasPahoAsync(ClientProgram probe)
    {
        await probe.ExitedAsync();
        return probe.Output.Contains("has paho", StringComparison.Ordinal);
    }
}
