using IotPlatform.Cluster.Tests.Hosts;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Testkit;

namespace IotPlatform.Cluster.Tests.Topics;

/// <summary>Topics from one gateway to another.</summary>
public sealed class TopicTests(ClusterFixture cluster) : ClusterTest(cluster)
{
    [SkippableFact]
    public async Task Publish_RightAfterTheSubAck_Arrives_FromTheOtherGateway()
    {
        await using var subscriber = await A.ConnectAsync(NewName("subscriber"));
        await using var publisher = await B.ConnectAsync(NewName("publisher"));
        for (var i = 0; i < 200; i++)
        {
            var topic = NewName("fresh/");

            // A session has a bound of subscriptions.
            await subscriber.SubscribeAsync(topic, QoS.AtLeastOnce);
            await publisher.PublishAsync(topic, $"{i}", i % 2 == 0 ? QoS.AtLeastOnce : QoS.AtMostOnce);
            Assert.Equal($"{i}", (await subscriber.ReceiveAsync($"publish {i}, right after its SUBACK")).Text);
            await subscriber.UnsubscribeAsync(topic);
        }
    }

    [SkippableFact]
    public async Task Publish_ReachesSubscribersOfBothGateways_Once_InOrder()
    {
        const int count = 300;
        var topic = NewName("both/");
        await using var atA = await A.ConnectAsync(NewName("a"));
        await using var atB = await B.ConnectAsync(NewName("b"));
        await atA.SubscribeAsync(topic + "/#", QoS.AtLeastOnce);
        await atB.SubscribeAsync((topic + "/+", QoS.AtLeastOnce), (topic + "/x", QoS.AtMostOnce));
        await using var publisher = await A.ConnectAsync(NewName("publisher"));
        for (var i = 0; i < count; i++)
        {
            publisher.SendPublish(topic + "/x", System.Text.Encoding.UTF8.GetBytes($"{i}"), new PublishFlags(QoS.AtLeastOnce), (ushort)(i + 1));
        }

        string[] expected = [.. Enumerable.Range(0, count).Select(static i => $"{i}")];
        Assert.Equal(expected, (await atA.ReceiveAsync(count, "all publishes, at the publisher's gateway")).Select(static m => m.Text));
        Assert.Equal(expected, (await atB.ReceiveAsync(count, "all publishes, at the other gateway")).Select(static m => m.Text));
        await atA.PingAsync();
        await atB.PingAsync();
        Assert.Equal((0, 0), (atA.Waiting, atB.Waiting));
    }

    [SkippableFact]
    public async Task Publish_AfterTheUnsubscribe_ComesNoMore()
    {
        var topic = NewName("left/");
        await using var subscriber = await A.ConnectAsync(NewName("subscriber"));
        await using var publisher = await B.ConnectAsync(NewName("publisher"));
        await subscriber.SubscribeAsync(topic);
        await publisher.PublishAsync(topic, "first", QoS.AtLeastOnce);
        await subscriber.ReceiveAsync("the publish before the UNSUBSCRIBE");
        await subscriber.UnsubscribeAsync(topic);
        await publisher.PublishAsync(topic, "second", QoS.AtLeastOnce);
        await subscriber.PingAsync();
        Assert.Equal(0, subscriber.Waiting);
    }

    [SkippableFact]
    public async Task SharedSubscription_OverBothGateways_GetsEachMessageOnce_AndEveryMemberSome()
    {
        const int count = 200;
        var topic = NewName("work/");
        var members = new List<RawClient> { await A.ConnectAsync(NewName("member")), await A.ConnectAsync(NewName("member")), await B.ConnectAsync(NewName("member")) };
        foreach (var member in members)
        {
            await member.SubscribeAsync($"$share/crew/{topic}", QoS.AtLeastOnce);
        }

        await using var alone = await B.ConnectAsync(NewName("alone"));
        await alone.SubscribeAsync(topic, QoS.AtLeastOnce);
        await using var publisher = await B.ConnectAsync(NewName("publisher"));
        for (var i = 0; i < count; i++)
        {
            await publisher.PublishAsync(topic, $"{i}", QoS.AtLeastOnce);
        }

        await alone.ReceiveAsync(count, "all publishes, for who does not share");
        var received = new List<string>();
        await Deadline.UntilAsync(
            () =>
            {
                foreach (var member in members)
                {
                    while (member.TryReceive(out var message))
                    {
                        received.Add(message!.Text);
                    }
                }

                return Task.FromResult(received.Count);
            },
            static n => n >= count,
            "every publish to reach one member");
        foreach (var member in members)
        {
            await member.PingAsync();
            Assert.Equal(0, member.Waiting);
        }

        Assert.Equal(count, received.Distinct().Count());
        Assert.Equal(count, received.Count);
        foreach (var member in members)
        {
            await member.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task SharedSubscription_WhoseMembersLeaveTheOtherGateway_IsServedByThoseWhoStay()
    {
        var topic = NewName("work/");
        await using var stays = await A.ConnectAsync(NewName("member"));
        await stays.SubscribeAsync($"$share/crew/{topic}", QoS.AtLeastOnce);
        var leaves = await B.ConnectAsync(NewName("member"));
        await leaves.SubscribeAsync($"$share/crew/{topic}", QoS.AtLeastOnce);
        await leaves.DisconnectAsync();
        await leaves.ClosedAsync("the end of the member that leaves");
        await using var publisher = await A.ConnectAsync(NewName("publisher"));
        for (var i = 0; i < 30; i++)
        {
            await publisher.PublishAsync(topic, $"{i}", QoS.AtLeastOnce);
        }

        var received = await stays.ReceiveAsync(30, "every publish, for the member that stays");
        Assert.Equal(30, received.Select(static m => m.Text).Distinct().Count());
        await leaves.DisposeAsync();
    }

    [SkippableFact]
    public async Task NewGateway_KnowsEveryoneWhoIsSubscribed_BeforeItsFirstClientPublishes()
    {
        var topic = NewName("early/");
        await using var subscriber = await A.ConnectAsync(NewName("subscriber"));
        await subscriber.SubscribeAsync(topic, QoS.AtLeastOnce);
        var gateway = await Cluster.StartGatewayAsync(NewName("gateway"));
        await using (var publisher = await gateway.ConnectAsync(NewName("publisher")))
        {
            await publisher.PublishAsync(topic, "hello", QoS.AtLeastOnce);
            Assert.Equal("hello", (await subscriber.ReceiveAsync("the first publish of a new gateway")).Text);
        }

        // And it is heard by those that were there before.
        await using (var newcomer = await gateway.ConnectAsync(NewName("newcomer")))
        {
            var other = NewName("late/");
            await newcomer.SubscribeAsync(other, QoS.AtLeastOnce);
            await subscriber.PublishAsync(other, "welcome", QoS.AtLeastOnce);
            Assert.Equal("welcome", (await newcomer.ReceiveAsync("a publish for a client of the new gateway")).Text);
        }

        await gateway.StopAsync();
    }
}
