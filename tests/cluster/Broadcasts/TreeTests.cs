using IotPlatform.Cluster.Tests.Hosts;
using IotPlatform.Testkit;

namespace IotPlatform.Cluster.Tests.Broadcasts;

/// <summary>The broadcast tree over silos and gateways.</summary>
public sealed class TreeTests(ClusterFixture cluster) : ClusterTest(cluster)
{
    [SkippableFact]
    public async Task Broadcast_ReachesTheDevicesOfBothGateways_AndTheReceiptCountsThem()
    {
        var product = NewName("tree");
        await A.PostAsync("/v1/products", new { productKey = product, openRegistration = true });
        var clients = new List<RawClient>();
        for (var i = 0; i < 10; i++)
        {
            clients.Add(await ConnectAsync(i % 2 == 0 ? A : B, $"d{i}", product));
        }

        var receipt = await B.BroadcastAsync(product);
        Assert.Equal(("10", "10", "0", "0"), ((string)receipt["targeted"]!, (string)receipt["written"]!, (string)receipt["dropped"]!, (string)receipt["unknown"]!));
        foreach (var client in clients)
        {
            await client.ReceiveAsync("the broadcast");
            await client.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Tree_WithMoreShardsThanOneNodeServes_HasRelays_SpreadOverTheSilos()
    {
        var gateways = new List<GatewayHost>();
        for (var i = 0; i < 5; i++)
        {
            gateways.Add(await Cluster.StartGatewayAsync(NewName("gateway"), ("Mqtt:Shards", "8")));
        }

        // A product's tree has a few relays, and one of them may be anywhere; several trees have many.
        for (var i = 0; i < 8; i++)
        {
            var product = NewName("tree");
            await A.PostAsync("/v1/products", new { productKey = product, openRegistration = true });
            await using var client = await ConnectAsync(gateways[i % 5], "d", product);
            var receipt = await B.BroadcastAsync(product);
            Assert.Equal(("1", "1", "0"), ((string)receipt["targeted"]!, (string)receipt["written"]!, (string)receipt["unknown"]!));
            await client.ReceiveAsync("the broadcast, through a relay");
        }

        var relays = (await A.Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics())
            .Where(static statistic => statistic.GrainType.Contains("BroadcastRelayGrain", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, relays.Select(static statistic => statistic.SiloAddress).Distinct().Count());
        foreach (var gateway in gateways)
        {
            await gateway.StopAsync();
        }
    }

    private static Task<RawClient> ConnectAsync(GatewayHost gateway, string device, string product) =>
        RawClient.ConnectAsync(gateway.Mqtt, new Mqtt.Packets.ConnectPacket { ClientId = device, UserName = $"{device}&{product}", Password = "any"u8.ToArray(), CleanStart = true });
}
