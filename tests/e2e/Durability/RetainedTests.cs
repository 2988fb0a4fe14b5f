using System.Collections.Concurrent;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Durability;

/// <summary>What was acknowledged as retained survives the death of the process.</summary>
public sealed class RetainedTests
{
    [Fact]
    public async Task Retained_BeforeAKill_IsAsItWasAcknowledged()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var device = await gateway.Api.CreateDeviceAsync();
        await using (var publisher = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect()))
        {
            await publisher.PublishAsync("state/kept", "1", QoS.AtLeastOnce, retain: true);
            await publisher.PublishAsync("state/replaced", "old", QoS.AtLeastOnce, retain: true);
            await publisher.PublishAsync("state/cleared", "old", QoS.ExactlyOnce, retain: true);
            await publisher.PublishAsync("state/replaced", "new", QoS.ExactlyOnce, retain: true);
            await publisher.PublishAsync("state/cleared", "", QoS.AtLeastOnce, retain: true);
        }

        gateway.Kill();
        await gateway.StartAsync();

        await using var subscriber = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());
        await subscriber.SubscribeAsync("state/#", QoS.ExactlyOnce);
        var messages = await subscriber.ReceiveAsync(2, "what is retained");
        Assert.Equal(
            [("state/kept", "1", QoS.AtLeastOnce, true), ("state/replaced", "new", QoS.ExactlyOnce, true)],
            messages.Select(static m => (m.Topic, m.Text, m.QoS, m.IsRetained)).Order());
        await subscriber.PingAsync();
        Assert.Equal(0, subscriber.Waiting);
    }

    [Fact]
    public async Task Retained_AcknowledgedUnderLoadBeforeAKill_IsNotLost()
    {
        const int DeviceCount = 20;
        await using var gateway = await GatewayProcess.StartAsync();
        var devices = await gateway.Api.CreateDevicesAsync(DeviceCount);
        var acknowledged = new ConcurrentDictionary<Device, int>();
        var answers = 0;
        var killAt = Random.Shared.Next(500, 5_000);
        var isTimeToKill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var publishers = await ClientGroup.ConnectAsync(gateway, devices);
        var publishing = devices.Select((device, i) => PublishUntilBrokenAsync(publishers[i], device, number =>
        {
            acknowledged[device] = number;
            if (Interlocked.Increment(ref answers) == killAt)
            {
                isTimeToKill.SetResult();
            }
        })).ToArray();
        await Deadline.WithinAsync(isTimeToKill.Task, $"{killAt} acknowledgements", TimeSpan.FromSeconds(60));
        gateway.Kill();
        await Task.WhenAll(publishing);
        await gateway.StartAsync();

        await using var subscriber = await RawClient.ConnectAsync(gateway.Mqtt, devices[0].Connect());
        await subscriber.SubscribeAsync("load/+", QoS.AtLeastOnce);
        var messages = await subscriber.ReceiveAsync(DeviceCount, "a retained message of each device");
        foreach (var device in devices)
        {
            // What was on its way when the process died may have been retained, too; nothing older than what was acknowledged is.
            var retained = int.Parse(messages.Single(m => m.Topic == $"load/{device.Name}").Text);
            Assert.True(retained >= acknowledged[device], $"{device.Name}, kill at {killAt}: {retained} is retained, {acknowledged[device]} was acknowledged");
        }
    }

    [Fact]
    public async Task Retained_ForAClientThatDoesNotRead_AllArriveOnceItDoes()
    {
        const int Count = 4_000;
        await using var gateway = await GatewayProcess.StartAsync();
        var devices = await gateway.Api.CreateDevicesAsync(2);
        await using var publisher = await RawClient.ConnectAsync(gateway.Mqtt, devices[0].Connect());
        var payload = new byte[2_000];
        for (var i = 0; i < Count - 1; i++)
        {
            publisher.SendPublish($"bulk/{i}", payload, new PublishFlags(QoS.AtMostOnce, Retain: true), packetId: 0);
        }

        await publisher.PublishAsync("bulk/last", "x", QoS.AtLeastOnce, retain: true);

        // 8 MB are more than its socket and its connection's buffer hold.
        await using var subscriber = await RawClient.ConnectAsync(gateway.Mqtt, devices[1].Connect());
        await subscriber.SubscribeAsync("own", QoS.AtMostOnce);
        subscriber.StopReading();
        subscriber.Send(new SubscribePacket { PacketId = 77, Subscriptions = [new TopicSubscription("bulk/#", new SubscriptionOptions(QoS.AtMostOnce))] });
        await publisher.PublishAsync("own", "live", QoS.AtLeastOnce);
        subscriber.ReadOn();

        var messages = await subscriber.ReceiveAsync(Count + 1, "everything that is retained", TimeSpan.FromSeconds(60));
        Assert.Equal(Count, messages.Where(static m => m.IsRetained).Select(static m => m.Topic).Distinct().Count());
        Assert.Single(messages, static m => m.Text == "live");
    }

    private static async Task PublishUntilBrokenAsync(RawClient client, Device device, Action<int> acknowledged)
    {
        try
        {
            for (var number = 1; ; number++)
            {
                await client.PublishAsync($"load/{device.Name}", $"{number}", QoS.AtLeastOnce, retain: true);
                acknowledged(number);
            }
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            // The process is gone.
        }
    }
}
