using IotPlatform.Cluster.Tests.Hosts;
using IotPlatform.Mqtt;

namespace IotPlatform.Cluster.Tests.Gateways;

/// <summary>One device, two gateways: exactly one connection lives.</summary>
public sealed class TakeoverTests(ClusterFixture cluster) : ClusterTest(cluster)
{
    [SkippableFact]
    public async Task SecondConnection_AtTheOtherGateway_ClosesTheFirst_With0x8E()
    {
        var name = NewName("takeover");
        await using var first = await A.ConnectAsync(name);
        await using var second = await B.ConnectAsync(name);
        Assert.Equal(ReasonCode.SessionTakenOver, await first.ClosedAsync("the first connection's DISCONNECT"));
        var device = await A.GetDeviceAsync(name);
        Assert.Equal((true, "b"), ((bool)device["online"]!, (string)device["gatewayId"]!));
        await second.PingAsync();
    }

    [SkippableFact]
    public async Task Takeover_BackAndForth_LeavesTheLastOneAlone()
    {
        var name = NewName("takeover");
        var clients = new List<Testkit.RawClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await (i % 2 == 0 ? A : B).ConnectAsync(name));
        }

        foreach (var older in clients.SkipLast(1))
        {
            Assert.Equal(ReasonCode.SessionTakenOver, await older.ClosedAsync("an older connection's DISCONNECT"));
        }

        await clients[^1].PingAsync();
        await A.SendAsync(name, "m1");
        await clients[^1].ReceiveAsync("the message, on the last connection");
        await StatusAsync(B, name, "m1", "DELIVERED");
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Message_ThatTheFirstConnectionDidNotAcknowledge_GoesToTheSecond_MarkedAsDuplicate()
    {
        var name = NewName("takeover");
        await using var first = await A.ConnectAsync(name, acknowledges: false);
        await B.SendAsync(name, "m1");
        Assert.False((await first.ReceiveAsync("the message, on the first connection")).IsDuplicate);
        await StatusAsync(A, name, "m1", "SENT");

        await using var second = await B.ConnectAsync(name);
        Assert.True((await second.ReceiveAsync("the message, on the second connection")).IsDuplicate);
        await StatusAsync(A, name, "m1", "DELIVERED");
    }

    [SkippableFact]
    public async Task Messages_SentWhileAConnectionIsTakenOver_AreAllDelivered()
    {
        const int count = 60;
        var name = NewName("takeover");
        await using var first = await A.ConnectAsync(name);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
            {
                await (i % 2 == 0 ? A : B).SendAsync(name, $"m{i}");
            }
        });
        await first.ReceiveAsync("the first message");
        await using var second = await B.ConnectAsync(name);
        await first.ClosedAsync("the first connection's end");
        await using var third = await A.ConnectAsync(name);
        await second.ClosedAsync("the second connection's end");
        await sending;
        for (var i = 0; i < count; i++)
        {
            await StatusAsync(A, name, $"m{i}", "DELIVERED");
        }
    }
}
