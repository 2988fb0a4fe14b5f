using System.Diagnostics;
using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Devices that are connected and say nothing: nobody but their gateways can tell a silo that is left that they are there.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class IdleFleetTests(SmallCluster fixture, ITestOutputHelper output)
{
    private const int DeviceCount = 2_000;
    private const int AtOnceMax = 64;

    private static readonly TimeSpan ReachableAfter = TimeSpan.FromSeconds(15);

    [SkippableFact]
    public async Task IdleDevices_AfterASiloIsKilled_AreReachableAgain()
    {
        var cluster = await fixture.WholeAsync();
        var api = cluster.Gateways[0].Api;
        var productKey = await api.CreateProductAsync();
        Device[] devices = [.. await api.CreateDevicesAsync(DeviceCount / 2, productKey), .. await api.CreateDevicesAsync(DeviceCount / 2, productKey)];
        var clients = new RawClient[DeviceCount];
        await EachAsync(async i => clients[i] = await RawClient.ConnectAsync(cluster.Gateways[i % 2].Mqtt, devices[i].Connect(i % 4 < 2 ? ProtocolVersion.Mqtt500 : ProtocolVersion.Mqtt311)));

        cluster.Silos[0].Kill();
        var clock = Stopwatch.StartNew();
        var arrivals = Task.WhenAll(clients.Select(async client =>
        {
            await client.ReceiveAsync("its message", ReachableAfter + Deadline.Patience);
            return clock.Elapsed;
        }));
        await EachAsync(i => UntilAcceptedAsync(cluster.Gateways[(i + 1) % 2].Api, devices[i]));
        var accepted = clock.Elapsed;
        var times = await arrivals;

        Array.Sort(times);
        output.WriteLine(
            $"{DeviceCount} idle devices after a silo was killed: half reached after {times[DeviceCount / 2].TotalSeconds:F1} s, 99 % after "
            + $"{times[DeviceCount * 99 / 100].TotalSeconds:F1} s, all after {times[^1].TotalSeconds:F1} s; the last message was accepted after {accepted.TotalSeconds:F1} s");
        Assert.InRange(times[^1], TimeSpan.Zero, ReachableAfter);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static Task EachAsync(Func<int, Task> act) =>
        Parallel.ForEachAsync(Enumerable.Range(0, DeviceCount), new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax }, async (i, _) => await act(i));

    private static Task<Answer> UntilAcceptedAsync(RestApi api, Device device) => Deadline.UntilAsync(
        () => api.TrySendMessageAsync(device, "wake up", messageId: "m"), static answer => answer.Status == HttpStatusCode.Created, $"a message for {device.Name} is accepted");
}
