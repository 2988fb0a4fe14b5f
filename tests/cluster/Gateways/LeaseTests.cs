using IotPlatform.Cluster.Tests.Hosts;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;
using Orleans.Core.Internal;

namespace IotPlatform.Cluster.Tests.Gateways;

/// <summary>Who is in the cluster, and what becomes of the connections of a gateway that leaves.</summary>
public sealed class LeaseTests(ClusterFixture cluster) : ClusterTest(cluster)
{
    [SkippableFact]
    public async Task Directory_ThatIsActivatedAnew_BeginsWithTheGatewaysThatWereThere()
    {
        var directory = A.Grains.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);
        for (var i = 0; i < 10; i++)
        {
            await directory.AsReference<IGrainManagementExtension>().DeactivateOnIdle();

            // Between two renewals: what it knows now, it was told before.
            var list = await directory.ListAsync();
            Assert.Equal(["a", "b"], list.Gateways.Select(static lease => lease.Gateway.Value).Where(static id => id.Length == 1));
        }
    }

    [SkippableFact]
    public async Task Gateways_AreListedByTheApi()
    {
        var gateways = (await B.GetAsync("/v1/gateways"))["gateways"]!.AsArray();
        var a = gateways.Single(static gateway => (string)gateway!["gatewayId"]! == "a")!;
        Assert.False((bool)a["draining"]!);
        Assert.NotEqual("", (string)a["address"]!);
    }

    [SkippableFact]
    public async Task Gateway_ThatStops_SendsItsClientsAway_AndTheirDevicesConnectElsewhere()
    {
        var name = NewName("drain");
        var gateway = await Cluster.StartGatewayAsync(NewName("gateway"));
        await using var before = await gateway.ConnectAsync(name, acknowledges: false);
        await A.SendAsync(name, "m1");
        await before.ReceiveAsync("the message, before the gateway stops");

        await gateway.StopAsync();
        Assert.Equal(ReasonCode.ServerShuttingDown, await before.ClosedAsync("the DISCONNECT of a gateway that stops"));
        Assert.False((bool)(await A.GetDeviceAsync(name))["online"]!);

        await using var after = await B.ConnectAsync(name);
        Assert.True((await after.ReceiveAsync("the message again, at another gateway")).IsDuplicate);
    }

    [SkippableFact]
    public async Task Gateway_ThatStops_NamesAnotherServer_WhereItIsToldTo()
    {
        var gateway = await Cluster.StartGatewayAsync(NewName("gateway"), ("Mqtt:Drain:ServerReference", "mqtt.example:1883"));
        await using var client = await gateway.ConnectAsync(NewName("drain"));
        await gateway.StopAsync();
        Assert.Equal(ReasonCode.UseAnotherServer, await client.ClosedAsync("the DISCONNECT of a gateway that stops"));
    }

    [SkippableFact]
    public async Task Gateway_ThatStops_KeepsThePace()
    {
        var gateway = await Cluster.StartGatewayAsync(NewName("gateway"), ("Mqtt:Drain:ConnectionsPerSecond", "50"));
        var clients = new List<RawClient>();
        for (var i = 0; i < 50; i++)
        {
            clients.Add(await gateway.ConnectAsync(NewName("drain")));
        }

        var startedAt = TimeProvider.System.GetTimestamp();
        await gateway.StopAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(startedAt), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
        foreach (var client in clients)
        {
            Assert.Equal(ReasonCode.ServerShuttingDown, await client.ClosedAsync("the DISCONNECT of a gateway that stops"));
            await client.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Will_OfAClientThatIsLost_ReachesSubscribersAtTheOtherGateway()
    {
        var topic = NewName("wills/");
        await using var subscriber = await B.ConnectAsync(NewName("heir"));
        await subscriber.SubscribeAsync(topic, QoS.AtLeastOnce);
        var lost = await A.ConnectAsync(NewName("lost"), will: new WillMessage { Topic = topic, Payload = "gone"u8.ToArray(), QoS = QoS.AtLeastOnce });
        lost.Abort();
        Assert.Equal("gone", (await subscriber.ReceiveAsync("the will")).Text);
    }
}
