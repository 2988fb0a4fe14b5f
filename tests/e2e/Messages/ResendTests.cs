using System.Diagnostics;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>What happens to a message that the device does not acknowledge.</summary>
public sealed class ResendTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Message_UnacknowledgedOn311_IsSentAgainAsADuplicateAfterTwoSeconds()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device, ProtocolVersion.Mqtt311);
        var sent = await Api.SendMessageAsync(device, "again");
        var first = await client.ReceiveAsync("the message");
        var clock = Stopwatch.StartNew();

        var second = await client.ReceiveAsync("the message again");

        Assert.InRange(clock.Elapsed.TotalSeconds, 1.5, 4);
        Assert.Equal((false, true), (first.IsDuplicate, second.IsDuplicate));
        Assert.Equal((first.PacketId, first.Topic, first.Text), (second.PacketId, second.Topic, second.Text));
        client.Acknowledge(second);
        var delivered = await Api.UntilMessageIsAsync(device, sent.MessageId, "DELIVERED");
        Assert.Equal(2, delivered.Number("attempts"));
    }

    // [MQTT-4.4.0-1]
    [Fact]
    public async Task Message_UnacknowledgedOn500_IsSentAgainOnTheNextConnectionOnly()
    {
        var (device, other) = (await Api.CreateDeviceAsync(), await Api.CreateDeviceAsync());
        await using var client = await ConnectAsync(device, ProtocolVersion.Mqtt500);
        await using var otherClient = await ConnectAsync(other, ProtocolVersion.Mqtt311);
        var sent = await Api.SendMessageAsync(device, "once a connection");
        await Api.SendMessageAsync(other, "the clock");
        var first = await client.ReceiveAsync("the message");

        // Two resends to a 3.1.1 client in the same time say that there was time enough for this one.
        await otherClient.ReceiveAsync(3, "the message and two resends on 3.1.1");
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);

        client.Abort();
        await using var again = await ConnectAsync(device, ProtocolVersion.Mqtt500);
        Assert.True(again.ConnAck!.SessionPresent);
        var second = await again.ReceiveAsync("the message again on the next connection");
        Assert.Equal((true, first.PacketId, first.Text), (second.IsDuplicate, second.PacketId, second.Text));
        again.Acknowledge(second);
        await Api.UntilMessageIsAsync(device, sent.MessageId, "DELIVERED");
    }

    [Fact]
    public async Task Message_UnacknowledgedThroughItsSeries_GoesOutAgainWhenTheDeviceSubscribes()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device, ProtocolVersion.Mqtt311);
        await Api.SendMessageAsync(device, "patient");

        // The first copy and three resends; behind the last of them nothing is due until the device shows itself.
        var series = await client.ReceiveAsync(4, "the message and its three resends");
        Assert.Equal([false, true, true, true], series.Select(static m => m.IsDuplicate));
        await Deadline.UntilAsync(
            async () =>
            {
                await client.SubscribeAsync(device.Topic("any"));
                return client.Waiting;
            },
            static waiting => waiting > 0,
            "the message after a subscription");

        Assert.True((await client.ReceiveAsync("the next round")).IsDuplicate);
    }

    [Fact]
    public async Task Messages_UnacknowledgedAtReconnection_KeepTheirOrder()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device, ProtocolVersion.Mqtt500);
        for (var i = 0; i < 10; i++)
        {
            await Api.SendMessageAsync(device, $"{i}");
        }

        var first = await client.ReceiveAsync(10, "the messages");
        client.Acknowledge(first[3]);
        await Deadline.UntilAsync(
            () => Api.GetAsync($"{RestApi.PathOf(device)}/messages?status=DELIVERED"), static a => a.Items("messages").Length == 1, "the acknowledgement has arrived");
        client.Abort();

        await using var again = await ConnectAsync(device, ProtocolVersion.Mqtt500);

        var second = await again.ReceiveAsync(9, "what was not acknowledged");
        Assert.Equal(["0", "1", "2", "4", "5", "6", "7", "8", "9"], second.Select(static m => m.Text));
        Assert.All(second, static m => Assert.True(m.IsDuplicate));
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Message_UnacknowledgedAtATakeover_GoesToTheNewerConnection(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using var older = await ConnectAsync(device, version);
        var sent = await Api.SendMessageAsync(device, "taken along");
        await older.ReceiveAsync("the message");

        await using var newer = await ConnectAsync(device, version);

        var again = await newer.ReceiveAsync("the message on the newer connection");
        Assert.Equal(("taken along", true), (again.Text, again.IsDuplicate));
        newer.Acknowledge(again);
        await Api.UntilMessageIsAsync(device, sent.MessageId, "DELIVERED");
    }

    // A device on a bad line: it comes and goes, and acknowledges some of what it gets.
    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Messages_ToADeviceThatComesAndGoes_AllArriveInOrder(ProtocolVersion version)
    {
        const int Messages = 300;
        var device = await Api.CreateDeviceAsync();
        var seen = new List<string>();
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                await Api.SendMessageAsync(device, $"{i}");
            }
        });

        while (seen.Count < Messages)
        {
            await using var client = await ConnectAsync(device, version);
            for (var i = 0; i < 10 && seen.Count < Messages; i++)
            {
                var message = await client.ReceiveAsync($"message {seen.Count}");
                if (!seen.Contains(message.Text))
                {
                    seen.Add(message.Text);
                }

                client.Acknowledge(message);
            }

            client.Abort();
        }

        await sending;
        Assert.Equal(Enumerable.Range(0, Messages).Select(static i => $"{i}"), seen);
    }

    private Task<RawClient> ConnectAsync(Device device, ProtocolVersion version) => RawClient.ConnectAsync(
        gateway.Process.Mqtt,
        device.Connect(version, cleanStart: false, sessionExpiry: version == ProtocolVersion.Mqtt500 ? 60u : null),
        acknowledges: false);
}
