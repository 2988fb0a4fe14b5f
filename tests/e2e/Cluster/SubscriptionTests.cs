using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Topics between devices at different gateways.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class SubscriptionTests(SmallCluster fixture)
{
    // The SUBACK promises it: nothing that is published after it, wherever, is missed.
    [SkippableTheory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    public async Task Publish_RightAfterTheSubAckOfTheOtherGateway_Arrives(QoS qos)
    {
        const int Rounds = 200;
        var cluster = await fixture.WholeAsync();
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(2);
        await using var subscriber = await RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, devices[0].Connect());
        await using var publisher = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, devices[1].Connect());

        for (var i = 0; i < Rounds; i++)
        {
            var filter = $"fresh/{devices[0].ProductKey}/{i}";
            Assert.Equal((ReasonCode)qos, await subscriber.SubscribeAsync(filter, qos));
            await publisher.PublishAsync(filter, $"{i}", qos);
            Assert.Equal($"{i}", (await subscriber.ReceiveAsync($"what was published right after SUBACK {i}")).Text);
            await subscriber.UnsubscribeAsync(filter);
        }

        await subscriber.PingAsync();
        Assert.Equal(0, subscriber.Waiting);
    }

    [SkippableFact]
    public async Task Publish_ToASharedSubscriptionAtBothGateways_ArrivesOnce()
    {
        const int MessageCount = 200;
        var cluster = await fixture.WholeAsync();
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(3);
        await using var first = await RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, devices[0].Connect());
        await using var second = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, devices[1].Connect());
        await using var publisher = await RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, devices[2].Connect());
        var topic = $"work/{devices[0].ProductKey}";
        await first.SubscribeAsync($"$share/g/{topic}", QoS.AtLeastOnce);
        await second.SubscribeAsync($"$share/g/{topic}", QoS.AtLeastOnce);

        for (var i = 0; i < MessageCount; i++)
        {
            Assert.Equal(ReasonCode.Success, await publisher.PublishAsync(topic, $"{i}", QoS.AtLeastOnce));
        }

        await Deadline.UntilAsync(() => Task.FromResult(first.Waiting + second.Waiting), static count => count >= MessageCount, "every message has arrived at a member");
        await Task.WhenAll(first.PingAsync(), second.PingAsync());
        Assert.Equal(MessageCount, first.Waiting + second.Waiting);
        Assert.NotEqual(0, first.Waiting);
        Assert.NotEqual(0, second.Waiting);
    }
}
