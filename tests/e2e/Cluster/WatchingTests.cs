using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Watching;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Clients, bans and traces where there are two gateways: each shows and reaches what is at the other.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class WatchingTests(SmallCluster fixture)
{
    [SkippableFact]
    public async Task Clients_OfBothGateways_AreShownByEither()
    {
        var cluster = await fixture.WholeAsync();
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(4);
        var clients = await Task.WhenAll(devices.Select((device, i) => RawClient.ConnectAsync(cluster.Gateways[i % 2].Mqtt, device.Connect())));

        foreach (var gateway in cluster.Gateways)
        {
            var listed = (await gateway.Api.GetAsync($"/v1/clients?productKey={devices[0].ProductKey}")).Expect(HttpStatusCode.OK);
            Assert.Empty(listed.Items("unreachableGatewayIds"));
            Assert.Equal(
                devices.Select(static (device, i) => (device.Name, $"gateway-{(i % 2) + 1}")).Order(),
                listed.Items("clients").Select(static client => (Answer.TextOf(client, "deviceName"), Answer.TextOf(client, "gatewayId"))));
            Assert.Equal("gateway-2", (await gateway.Api.ClientAsync(devices[1])).Text("gatewayId"));
        }

        var page = await cluster.Gateways[0].Api.GetAsync($"/v1/clients?productKey={devices[0].ProductKey}&pageSize=3");
        Assert.Equal(3, page.Items("clients").Length);
        page = await cluster.Gateways[1].Api.GetAsync($"/v1/clients?productKey={devices[0].ProductKey}&pageSize=3&pageToken={Uri.EscapeDataString(page.Text("nextPageToken"))}");
        Assert.Single(page.Items("clients"));
        Assert.Equal("", page.Text("nextPageToken"));
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Kick_AtOneGateway_ReachesAClientAtTheOther()
    {
        var cluster = await fixture.WholeAsync();
        var device = await cluster.Gateways[0].Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, device.Connect());

        (await cluster.Gateways[0].Api.KickAsync(device)).Expect(HttpStatusCode.OK);

        Assert.Equal(ReasonCode.AdministrativeAction, await client.ClosedAsync("the close of a client that is sent away"));
        await using var again = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, device.Connect());
    }

    [SkippableFact]
    public async Task Ban_AtOneGateway_HoldsAtBoth_UntilItIsLiftedAtTheOther()
    {
        var cluster = await fixture.WholeAsync();
        var device = await cluster.Gateways[0].Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, device.Connect());

        var ban = await cluster.Gateways[0].Api.BanAsync(device, "600s");

        Assert.Equal(ReasonCode.AdministrativeAction, await client.ClosedAsync("the close of a banned device"));
        foreach (var gateway in cluster.Gateways)
        {
            var refusal = await Assert.ThrowsAsync<ConnectRefusedException>(() => RawClient.ConnectAsync(gateway.Mqtt, device.Connect()));
            Assert.Equal(ReasonCode.Banned, refusal.Reason);
            Assert.Contains(ban.Text("banId"), (await gateway.Api.GetAsync("/v1/bans")).Items("bans").Select(static known => Answer.TextOf(known, "banId")));
        }

        await cluster.Gateways[1].Api.LiftAsync(ban);
        foreach (var gateway in cluster.Gateways)
        {
            await using var again = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());
        }
    }

    [SkippableFact]
    public async Task Trace_OfATopic_ShowsAMessagesWayOverBothGateways()
    {
        var cluster = await fixture.WholeAsync();
        var topic = RestApi.NewKey("topic");
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(2);
        await using var publisher = await RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, devices[0].Connect());
        await using var subscriber = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, devices[1].Connect());
        await subscriber.SubscribeAsync(topic, QoS.AtLeastOnce);
        await using var trace = await cluster.Gateways[1].Api.TraceAsync(new { topicFilter = topic });

        await publisher.PublishAsync(topic, "far", QoS.AtLeastOnce);
        Assert.Equal("far", (await subscriber.ReceiveAsync("the message from the other gateway")).Text);

        var events = await trace.UntilAsync(static noted => noted.Step == "SENT", "the message at the second gateway");
        Assert.Equal(
            [("gateway-1", devices[0].Name, "RECEIVED PUBLISH"), ("gateway-2", devices[1].Name, "SENT PUBLISH")],
            events.Select(static noted => (noted.Gateway, noted.Device, noted.Summary)));
    }
}
