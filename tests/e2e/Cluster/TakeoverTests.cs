using System.Diagnostics;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Sessions;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Devices that go from one gateway to the other, by their own will or because theirs is gone.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class TakeoverTests(SmallCluster fixture, ITestOutputHelper output)
{
    /// <summary>The promise; a gateway's lease is 10 s.</summary>
    private static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(15);

    [SkippableTheory]
    [InlineData(ProtocolVersion.Mqtt500, ReasonCode.SessionTakenOver)]
    [InlineData(ProtocolVersion.Mqtt311, null)]
    public async Task Takeover_ByAConnectionAtTheOtherGateway_ClosesTheOlderAndLosesNoMessage(ProtocolVersion version, ReasonCode? reason)
    {
        const int MessageCount = 40;
        var cluster = await fixture.WholeAsync();
        var api = cluster.Gateways[0].Api;
        var device = await api.CreateDeviceAsync();
        await using var older = await RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, device.Connect(version));

        // The device moves in the middle of them.
        var sending = SendAsync(api, device, MessageCount);
        await older.ReceiveAsync("the first message, before the takeover");
        await using var newer = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, device.Connect(version));

        Assert.Equal(reason, await older.ClosedAsync("the older connection is closed"));
        await sending;
        var received = new HashSet<string> { "0" };
        while (older.TryReceive(out var message))
        {
            received.Add(message!.Text);
        }

        while (received.Count < MessageCount)
        {
            received.Add((await newer.ReceiveAsync($"message {received.Count + 1} of {MessageCount}")).Text);
        }

        await newer.PingAsync();
        var view = await api.DeviceAsync(device);
        Assert.Equal((true, "gateway-2"), (view.Flag("online"), view.Text("gatewayId")));
    }

    [SkippableFact]
    public async Task Takeover_BackAndForth_LeavesExactlyOneConnection()
    {
        var cluster = await fixture.WholeAsync();
        var device = await cluster.Gateways[0].Api.CreateDeviceAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => RawClient.OpenAsync(cluster.Gateways[i % 2].Mqtt)));
        foreach (var client in clients)
        {
            client.Send(device.Connect());
        }

        await Deadline.UntilAsync(
            () => Task.FromResult(clients.Count(static c => !c.ClosedAsync("").IsCompleted)), static open => open == 1, "one of twenty connections is left");

        await cluster.Gateways[0].Api.SendMessageAsync(device, "to the one that is left");
        var left = clients.Single(static c => !c.ClosedAsync("").IsCompleted);
        Assert.Equal("to the one that is left", (await left.ReceiveAsync("the message")).Text);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Takeovers_AtRandom_AtBothGateways_LoseNoAcknowledgedMessage()
    {
        var cluster = await fixture.WholeAsync();
        await new TakeoverScenario(cluster.Gateways[0].Api, [cluster.Gateways[0].Mqtt, cluster.Gateways[1].Mqtt], Random.Shared.Next()).RunAsync();
    }

    [SkippableTheory]
    [InlineData(ProtocolVersion.Mqtt500)]
    [InlineData(ProtocolVersion.Mqtt311)]
    public async Task Message_UnacknowledgedAtAKilledGateway_ComesAgainFromTheOther(ProtocolVersion version)
    {
        var cluster = await fixture.WholeAsync();
        var api = cluster.Gateways[1].Api;
        var device = await api.CreateDeviceAsync();
        await using var before = await RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, device.Connect(version), acknowledges: false);
        var sent = await api.SendMessageAsync(device, "certain");
        await before.ReceiveAsync("the message from the first gateway");
        await api.UntilMessageIsAsync(device, sent.MessageId, "SENT");

        cluster.Gateways[0].Kill();
        await using var after = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, device.Connect(version));

        var again = await after.ReceiveAsync("the message from the second gateway");
        Assert.Equal(("certain", true), (again.Text, again.IsDuplicate));
        await api.UntilMessageIsAsync(device, sent.MessageId, "DELIVERED");
    }

    [SkippableFact]
    public async Task KilledGateway_ItsDevicesGoOfflineAndTheirWillsArePublished()
    {
        const int DeviceCount = 30;
        var cluster = await fixture.WholeAsync();
        var api = cluster.Gateways[1].Api;
        var devices = await api.CreateDevicesAsync(DeviceCount + 1);
        var (watcher, mortals) = (devices[^1], devices[..DeviceCount]);
        await using var watching = await RawClient.ConnectAsync(cluster.Gateways[1].Mqtt, watcher.Connect());
        Assert.Equal(ReasonCode.GrantedQoS1, await watching.SubscribeAsync($"wills/{watcher.ProductKey}/+", QoS.AtLeastOnce));
        var clients = await Task.WhenAll(mortals.Select(device => RawClient.ConnectAsync(cluster.Gateways[0].Mqtt, device.Connect(will: new WillMessage
        {
            Topic = $"wills/{device.ProductKey}/{device.Name}",
            Payload = "gone"u8.ToArray(),
            QoS = QoS.AtLeastOnce,
        }))));

        cluster.Gateways[0].Kill();
        var clock = Stopwatch.StartNew();
        var offline = Task.WhenAll(mortals.Select(device => Deadline.UntilAsync(
            () => api.DeviceAsync(device), static d => !d.Flag("online"), $"{device.Name} is offline", GoneAfter)));
        var wills = new HashSet<string>();
        for (var i = 0; i < DeviceCount; i++)
        {
            wills.Add((await watching.ReceiveAsync($"will {i + 1} of {DeviceCount}", GoneAfter - clock.Elapsed)).Topic);
        }

        output.WriteLine($"{DeviceCount} wills after {clock.Elapsed.TotalSeconds:F1} s");
        await offline;
        output.WriteLine($"{DeviceCount} devices offline after {clock.Elapsed.TotalSeconds:F1} s");
        Assert.Equal(DeviceCount, wills.Count);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, GoneAfter);
        await watching.PingAsync();
        Assert.Equal(0, watching.Waiting);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static async Task SendAsync(RestApi api, Device device, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await api.SendMessageAsync(device, $"{i}");
        }
    }
}
