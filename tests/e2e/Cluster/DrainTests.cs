using System.Diagnostics;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>A gateway that is told to stop sends its devices away at a pace that the others can take.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class DrainTests(SmallCluster fixture, ITestOutputHelper output)
{
    private const int DeviceCount = 1_000;
    private const int PerSecond = 500;
    private const int AtOnceMax = 64;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    [SkippableTheory]
    [InlineData(null, false, ReasonCode.ServerShuttingDown)]
    [InlineData("gateway-1.example:1883", false, ReasonCode.UseAnotherServer)]
    [InlineData("gateway-1.example:1883", true, ReasonCode.ServerMoved)]
    public async Task Gateway_AfterSigterm_SendsItsDevicesAwayAtItsPaceAndEnds(string? serverReference, bool isPermanent, ReasonCode reason)
    {
        var cluster = await fixture.WholeAsync();
        (string, string)[] reference = serverReference is null ? [] : [("Mqtt__Drain__ServerReference", serverReference)];
        var gateway = cluster.AddGateway([("Mqtt__Drain__ConnectionsPerSecond", $"{PerSecond}"), ("Mqtt__Drain__IsPermanent", $"{isPermanent}"), .. reference]);
        var clients = new RawClient[DeviceCount];
        try
        {
            await gateway.StartAsync();
            var devices = await gateway.Api.CreateDevicesAsync(DeviceCount);
            await Parallel.ForEachAsync(Enumerable.Range(0, DeviceCount), new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax }, async (i, _) =>
                clients[i] = await RawClient.ConnectAsync(gateway.Mqtt, devices[i].Connect()));

            var clock = Stopwatch.StartNew();
            var goodbyes = Task.WhenAll(clients.Select(async client => (Reason: await client.ClosedAsync("the goodbye", StopPatience), At: clock.Elapsed)));
            var exitCode = await gateway.StopAsync(StopPatience);
            var ended = clock.Elapsed;
            var times = (await goodbyes).Select(static goodbye => goodbye.At).Order().ToArray();

            output.WriteLine($"{DeviceCount} connections were closed from {times[0].TotalSeconds:F2} s to {times[^1].TotalSeconds:F2} s, the process ended after {ended.TotalSeconds:F2} s");
            Assert.Equal(0, exitCode);
            Assert.All(await goodbyes, goodbye => Assert.Equal(reason, goodbye.Reason));
            Assert.All(clients, client => Assert.Equal(serverReference, client.Disconnect!.ServerReference));

            // Never faster than the pace, whatever the machine; slower where it is busy.
            Assert.InRange((times[^1] - times[0]).TotalSeconds, 0.9 * DeviceCount / PerSecond, 10.0 * DeviceCount / PerSecond);
            var offline = await cluster.Gateways[0].Api.UntilOnlineAsync(devices[0], online: false);
            Assert.False(offline.Flag("online"));
        }
        finally
        {
            await cluster.RemoveAsync(gateway);
            foreach (var client in clients.Where(static client => client is not null))
            {
                await client.DisposeAsync();
            }
        }
    }
}
