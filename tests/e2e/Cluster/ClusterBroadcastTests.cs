using System.Diagnostics;
using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Broadcasts to devices of several gateways, and what their receipts say when a part of the cluster is gone.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class ClusterBroadcastTests(SmallCluster fixture, ITestOutputHelper output)
{
    private const int DevicesEach = 20;

    /// <summary>The gateways' default, <c>Mqtt:Shards</c>.</summary>
    private static readonly int ShardsEach = Math.Clamp(Environment.ProcessorCount - 1, 1, 4);

    private static readonly TimeSpan ReachableAfter = TimeSpan.FromSeconds(15);

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Broadcast_ReachesTheDevicesOfBothGatewaysAndCountsThemAll(int qos)
    {
        var cluster = await fixture.WholeAsync();
        await using var fleet = await FleetAsync(cluster);

        var answer = (await cluster.Gateways[1].Api.BroadcastAsync(fleet.ProductKey, "to all", qos: qos)).Expect(HttpStatusCode.OK);

        AssertCounts(answer, reached: 2 * DevicesEach, unknown: 0);
        await fleet.AssertAllReceiveAsync("to all");
        AssertCounts(await cluster.Gateways[0].Api.GetAsync($"/v1/products/{fleet.ProductKey}/broadcasts/{answer.MessageId}"), reached: 2 * DevicesEach, unknown: 0);
    }

    [SkippableFact]
    public async Task Broadcast_WhileAGatewayIsGone_SaysHowManyAreUnknown_AndForgetsItWithItsLease()
    {
        var cluster = await fixture.WholeAsync();
        await using var fleet = await FleetAsync(cluster);
        var api = cluster.Gateways[1].Api;

        cluster.Gateways[0].Kill();
        var clock = Stopwatch.StartNew();
        var answer = (await api.BroadcastAsync(fleet.ProductKey, "to those who are left")).Expect(HttpStatusCode.OK);

        output.WriteLine($"answered after {clock.Elapsed.TotalSeconds:F1} s: {answer}");
        AssertCounts(answer, reached: DevicesEach, unknown: ShardsEach);
        await fleet.AssertReceiveAsync(gateway: 1, "to those who are left");

        var later = await Deadline.UntilAsync(
            () => api.BroadcastAsync(fleet.ProductKey, "again"), static a => a.Number("unknown") == 0, "the gateway is known to be gone", ReachableAfter);
        AssertCounts(later, reached: DevicesEach, unknown: 0);
    }

    [SkippableFact]
    public async Task Broadcast_AfterASiloIsKilled_ReachesEveryGateway()
    {
        var cluster = await fixture.WholeAsync();
        await using var fleet = await FleetAsync(cluster);

        cluster.Silos[1].Kill();
        var clock = Stopwatch.StartNew();
        var answer = await Deadline.UntilAsync(
            () => cluster.Gateways[0].Api.BroadcastAsync(fleet.ProductKey, "with a silo less"),
            static a => a.Status == HttpStatusCode.OK && a.Number("unknown") == 0,
            "a broadcast that reaches every gateway",
            ReachableAfter);

        output.WriteLine($"a whole receipt {clock.Elapsed.TotalSeconds:F1} s after the silo was killed: {answer}");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, ReachableAfter);
        AssertCounts(answer, reached: 2 * DevicesEach, unknown: 0);
        await fleet.AssertAllReceiveAsync("with a silo less");
    }

    [SkippableFact]
    public async Task Broadcast_ForThoseWhoComeLater_GoesOn_WhenASiloIsKilled_AndReachesEachOnce()
    {
        var cluster = await fixture.WholeAsync();
        try
        {
            var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(8);
            var path = $"/v1/products/{devices[0].ProductKey}/broadcasts";
            await using var online = await ClientGroup.ConnectAsync(cluster.Gateways[0], devices[..4]);
            var answer = (await cluster.Gateways[1].Api.PostAsync(path, new { messageContent = "x"u8.ToArray(), qos = 1, ttl = 3_600 })).Expect(HttpStatusCode.OK);
            AssertCounts(answer, reached: 4, unknown: 0);
            path += $"/{answer.MessageId}";
            await Deadline.UntilAsync(() => cluster.Gateways[0].Api.GetAsync(path), static r => r.Number("acknowledged") == 4, "all have acknowledged");

            // The root may be on either silo: whichever it is, the broadcast goes on.
            cluster.Silos[1].Kill();
            await using var late = await ClientGroup.ConnectAsync(cluster.Gateways[1], devices[4..]);
            for (var i = 0; i < late.Count; i++)
            {
                Assert.Equal(devices[4 + i].BroadcastTopic(answer.MessageId), (await late[i].ReceiveAsync("the broadcast that it came in time for")).Topic);
            }

            await using var moved = await ClientGroup.ConnectAsync(cluster.Gateways[1], devices[..4]);
            await moved.AssertNothingWaitsAsync();
            var receipt = await Deadline.UntilAsync(
                () => cluster.Gateways[0].Api.GetAsync(path),
                static r => r.Status == HttpStatusCode.OK && r.Number("late") == 4 && r.Number("acknowledged") == 8,
                "the receipt knows of the late ones",
                ReachableAfter);
            Assert.Equal("RUNNING", receipt.Text("status"));
            AssertCounts(receipt, reached: 4, unknown: 0);
            Assert.Equal("CANCELLED", (await cluster.Gateways[0].Api.PostAsync($"{path}:cancel")).Expect(HttpStatusCode.OK).Text("status"));
        }
        catch
        {
            cluster.TellLogs(output);
            throw;
        }
    }

    private static async Task<BroadcastFleet> FleetAsync(LocalCluster cluster)
    {
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(2 * DevicesEach);
        return new BroadcastFleet(
            devices[0].ProductKey,
            await ClientGroup.ConnectAsync(cluster.Gateways[0], devices[..DevicesEach]),
            await ClientGroup.ConnectAsync(cluster.Gateways[1], devices[DevicesEach..]));
    }

    private static void AssertCounts(Answer receipt, int reached, int unknown) =>
        Assert.Equal((reached, reached, 0L, unknown), (receipt.Number("targeted"), receipt.Number("written"), receipt.Number("dropped"), receipt.Number("unknown")));

    private sealed class BroadcastFleet(string productKey, params ClientGroup[] groups) : IAsyncDisposable
    {
        public string ProductKey => productKey;

        public Task AssertAllReceiveAsync(string text) => Task.WhenAll(groups.Select((_, i) => AssertReceiveAsync(i, text)));

        /// <summary>Each has got it, behind whatever came before.</summary>
        public Task AssertReceiveAsync(int gateway, string text) => Task.WhenAll(groups[gateway].Select(async client =>
        {
            while ((await client.ReceiveAsync($"the broadcast '{text}'")).Text != text)
            {
            }
        }));

        public async ValueTask DisposeAsync()
        {
            foreach (var group in groups)
            {
                await group.DisposeAsync();
            }
        }
    }
}
