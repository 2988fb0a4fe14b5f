using IotPlatform.E2e.Tests.Sessions;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Retained messages of a cluster: in its silos, for the clients of every gateway.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class RetainedTests(SmallCluster fixture)
{
    private const int TopicCount = 100;

    [SkippableFact]
    public async Task Retained_AtOneGateway_IsFoundAtTheOther_AlsoWhenASiloIsLost()
    {
        var cluster = await fixture.WholeAsync();
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(3);
        var branch = $"kept/{devices[0].Name}";
        await using var publisher = await RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, devices[0].Connect());
        for (var i = 0; i < TopicCount; i++)
        {
            Assert.Equal(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync($"{branch}/{i}", $"{i}", QoS.AtLeastOnce, retain: true));
        }

        await using var before = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, devices[1].Connect());
        await AssertAllAreThereAsync(before, branch);
        cluster.Silos[0].Kill();
        await using var after = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, devices[2].Connect());
        await AssertAllAreThereAsync(after, branch);
    }

    [SkippableFact]
    public async Task Retained_WhileClientsOfBothGatewaysSubscribe_ReachesThemAll_TheNewestLast()
    {
        var cluster = await fixture.WholeAsync();
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(31);
        await using var publisher = await RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, devices[0].Connect());

        await RetainedRace.RunAsync(publisher, devices[1..], [cluster.Gateways[0].Mqtt, cluster.Gateways[1].Mqtt]);
    }

    private static async Task AssertAllAreThereAsync(RawClient subscriber, string branch)
    {
        await subscriber.SubscribeAsync($"{branch}/+", QoS.AtLeastOnce);
        var messages = await subscriber.ReceiveAsync(TopicCount, "everything that is retained", TimeSpan.FromSeconds(60));
        Assert.All(messages, message => Assert.Equal(($"{branch}/{message.Text}", true), (message.Topic, message.IsRetained)));
        Assert.Equal(TopicCount, messages.Select(static m => m.Topic).Distinct().Count());
    }
}
