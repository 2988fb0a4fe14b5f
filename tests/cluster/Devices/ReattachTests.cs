using IotPlatform.Cluster.Tests.Hosts;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Testkit;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;

namespace IotPlatform.Cluster.Tests.Devices;

/// <summary>Device grains that lose their memory while their devices stay connected.</summary>
public sealed class ReattachTests(ClusterFixture cluster) : ClusterTest(cluster)
{
    [SkippableFact]
    public async Task Acknowledgement_OfADeviceWhoseGrainForgotIt_IsTaken_AndAttachesItAgain()
    {
        var name = NewName("forgotten");
        await using var client = await A.ConnectAsync(name, acknowledges: false);
        await B.SendAsync(name, "m1");
        var message = await client.ReceiveAsync("the message");
        await ForgetAsync(name);
        Assert.False((bool)(await B.GetDeviceAsync(name))["online"]!);

        client.Acknowledge(message);
        await StatusAsync(B, name, "m1", "DELIVERED");
        await OnlineAsync(B, name, wanted: true);
        await B.SendAsync(name, "m2");
        await client.ReceiveAsync("a message, on the connection that is attached again");
        await client.PingAsync();
    }

    [SkippableFact]
    public async Task Connection_OfADeviceThatHasMovedOn_IsClosed_WhenItIsAttachedAgain()
    {
        var name = NewName("moved");
        await using var first = await A.ConnectAsync(name);
        await using var second = await B.ConnectAsync(name);
        await first.ClosedAsync("the older connection");
        await ForgetAsync(name);
        await second.SubscribeAsync($"/demo/{name}/x");
        await OnlineAsync(A, name, wanted: true);
        Assert.Equal("b", (string)(await A.GetDeviceAsync(name))["gatewayId"]!);
    }

    [SkippableFact]
    public async Task Silo_ThatIsStopped_HandsOver_AndEveryIdleDeviceIsReachableAgain()
    {
        const int count = 100;
        var silo = await Cluster.StartSiloAsync();
        var names = Enumerable.Range(0, count).Select(_ => NewName("idle")).ToList();
        var clients = new List<RawClient>();
        foreach (var name in names)
        {
            clients.Add(await A.ConnectAsync(name));
        }

        await silo.StopAsync();
        foreach (var (name, client) in names.Zip(clients))
        {
            await OnlineAsync(B, name, wanted: true);
            await B.SendAsync(name, "m1");
            await client.ReceiveAsync($"a message for {name}, after the silo has gone");
            await StatusAsync(A, name, "m1", "DELIVERED");
            await client.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Tags_AreAtTheGatewayOnceTheyAreSet_AndAfterTheGrainForgotTheDevice_OnceItIsAttachedAgain()
    {
        var name = NewName("tagged");
        await using var client = await A.ConnectAsync(name);
        var session = A.Services.GetRequiredService<GatewayShards>().Connections().Single(connection => connection.Session?.Device.DeviceName == name).Session!;
        await B.PostAsync($"/v1/products/demo/devices/{name}:setTags", new { tags = new { site = "ü", ring = "canary" } });
        Assert.Equal([new DeviceTag("ring", "canary"), new DeviceTag("site", "ü")], session.Tags.AsEnumerable());

        // Until it is attached again, nobody knows whom to tell.
        await ForgetAsync(name);
        await B.PostAsync($"/v1/products/demo/devices/{name}:setTags", new { tags = new { ring = "beta" } });
        await client.SubscribeAsync($"/demo/{name}/x");
        await Deadline.UntilAsync(
            () => Task.FromResult(session.Tags), static tags => tags.AsSpan().SequenceEqual([new DeviceTag("ring", "beta")]), $"{name} to have the tags set last");
    }

    private async Task ForgetAsync(string name)
    {
        var grain = A.Grains.GetGrain<IDeviceGrain>(new DeviceId("demo", name).GrainKey);
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
    }
}
