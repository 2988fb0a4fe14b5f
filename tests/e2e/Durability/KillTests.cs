using System.Collections.Concurrent;
using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Durability;

/// <summary>What was promised survives the death of the process: it is killed with SIGKILL, and started again on the same data.</summary>
public sealed class KillTests
{
    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(50, 20)]
    public async Task Messages_AcceptedBeforeAKill_AllArriveInOrderAfterTheRestart(int deviceCount, int messagesEach)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var devices = await gateway.Api.CreateDevicesAsync(deviceCount);
        var policy = await gateway.Api.PostAsync($"/v1/products/{devices[0].ProductKey}:setMessagePolicy", new { messagePolicy = new { openMax = messagesEach } });
        policy.Expect(HttpStatusCode.OK);
        await Task.WhenAll(devices.Select(device => SendAllAsync(gateway.Api, device, messagesEach)));

        gateway.Kill();
        await gateway.StartAsync();

        await Task.WhenAll(devices.Select((device, i) => AssertAllArriveAsync(gateway, device, messagesEach, VersionOf(i))));
    }

    [Fact]
    public async Task Messages_AnsweredUnderLoadBeforeAKill_AreAllSeenInOrder()
    {
        const int DeviceCount = 20;
        await using var gateway = await GatewayProcess.StartAsync();
        var devices = await gateway.Api.CreateDevicesAsync(DeviceCount);
        var accepted = new ConcurrentDictionary<Device, int>();
        var answers = 0;
        var killAt = Random.Shared.Next(200, 2_000);
        var isTimeToKill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var before = await ClientGroup.ConnectAsync(gateway, devices);

        // Each device has a sender of its own, so that the order in which its messages were accepted is known.
        var senders = devices.Select(device => SendUntilBrokenAsync(gateway.Api, device, number =>
        {
            accepted[device] = number + 1;
            if (Interlocked.Increment(ref answers) == killAt)
            {
                isTimeToKill.SetResult();
            }
        })).ToArray();
        await Deadline.WithinAsync(isTimeToKill.Task, $"{killAt} answers", TimeSpan.FromSeconds(60));
        gateway.Kill();
        await Task.WhenAll(senders);
        await Task.WhenAll(before.Select(static client => client.ClosedAsync("the killed process's connection")));
        await gateway.StartAsync();
        await using var after = await ClientGroup.ConnectAsync(gateway, devices);

        for (var i = 0; i < DeviceCount; i++)
        {
            await AssertAcceptedAreSeenAsync(accepted[devices[i]], before[i], after[i], $"device {i}, kill at answer {killAt}");
        }
    }

    [Fact]
    public async Task Registry_AfterAKill_IsAsItWasAnswered()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var devices = await gateway.Api.CreateDevicesAsync(3);
        await gateway.Api.PostAsync($"{RestApi.PathOf(devices[0])}:disable");
        await gateway.Api.DeleteAsync(RestApi.PathOf(devices[1]));

        gateway.Kill();
        await gateway.StartAsync();

        Assert.False((await gateway.Api.DeviceAsync(devices[0])).Flag("enabled"));
        (await gateway.Api.DeviceAsync(devices[1])).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        await using var client = await RawClient.ConnectAsync(gateway.Mqtt, devices[2].Connect());
        await client.PingAsync();
    }

    [Fact]
    public async Task Message_RepeatedByIdAfterAKill_GivesTheFirstAnswer()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var device = await gateway.Api.CreateDeviceAsync();
        var first = await gateway.Api.SendMessageAsync(device, "same", messageId: "order-1");

        gateway.Kill();
        await gateway.StartAsync();

        Assert.Equal(first.Body.ToString(), (await gateway.Api.SendMessageAsync(device, "same", messageId: "order-1")).Body.ToString());
        (await gateway.Api.TrySendMessageAsync(device, "other", messageId: "order-1")).Expect(HttpStatusCode.Conflict, "ALREADY_EXISTS");
        await using var client = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());
        Assert.Equal("same", (await client.ReceiveAsync("the message")).Text);
        await gateway.Api.UntilMessageIsAsync(device, "order-1", "DELIVERED");
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Message_UnacknowledgedAtAKill_ComesAgainAsADuplicate()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var device = await gateway.Api.CreateDeviceAsync();
        await using var before = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect(), acknowledges: false);
        var sent = await gateway.Api.SendMessageAsync(device, "certain");
        await before.ReceiveAsync("the message");

        // The answer waits for the acceptance, not for the note that it was sent: what reads it from the store waits for that.
        await gateway.Api.GetAsync($"{RestApi.PathOf(device)}/messages");
        gateway.Kill();
        await gateway.StartAsync();
        await using var after = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());

        var again = await after.ReceiveAsync("the message again");
        Assert.Equal(("certain", true), (again.Text, again.IsDuplicate));
        await gateway.Api.UntilMessageIsAsync(device, sent.MessageId, "DELIVERED");
    }

    [Fact]
    public async Task Message_WhoseTimeToLivePassesWhileTheProcessIsDown_IsNotDelivered()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var device = await gateway.Api.CreateDeviceAsync();
        var accepted = await gateway.Api.SendMessageAsync(device, "short", ttl: 1);
        var expiresAt = accepted.Body.GetProperty("expiresAt").GetDateTimeOffset();

        gateway.Kill();
        await Deadline.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow), now => now > expiresAt, "the message's time to live has passed");
        await gateway.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());

        await gateway.Api.UntilMessageIsAsync(device, accepted.MessageId, "TIMEOUT");
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Broadcast_AnsweredBeforeAKill_KeepsItsReceiptAndIsFollowedByLargerIds()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var device = await gateway.Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());
        var answer = (await gateway.Api.BroadcastAsync(device.ProductKey, "kept")).Expect(HttpStatusCode.OK);

        gateway.Kill();
        await gateway.StartAsync();

        var receipt = (await gateway.Api.GetAsync($"/v1/products/{device.ProductKey}/broadcasts/{answer.MessageId}")).Expect(HttpStatusCode.OK);
        Assert.Equal(("COMPLETED", 1L, 1L), (receipt.Text("status"), receipt.Number("targeted"), receipt.Number("written")));
        Assert.True((await gateway.Api.BroadcastAsync(device.ProductKey, "next")).Number("messageId") > answer.Number("messageId"));
    }

    private static async Task SendAllAsync(RestApi api, Device device, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await api.SendMessageAsync(device, $"{i}");
        }
    }

    private static async Task AssertAllArriveAsync(GatewayProcess gateway, Device device, int count, ProtocolVersion version)
    {
        await using var client = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect(version));
        var messages = await client.ReceiveAsync(count, $"what {device.Name} was promised before the kill");
        Assert.Equal(Enumerable.Range(0, count).Select(static i => $"{i}"), messages.Select(static m => m.Text));
        await gateway.Api.UntilMessageIsAsync(device, messages[^1].Topic.Split('/')[^1], "DELIVERED");
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
    }

    private static async Task SendUntilBrokenAsync(RestApi api, Device device, Action<int> accepted)
    {
        for (var number = 0; ; number++)
        {
            try
            {
                await api.SendMessageAsync(device, $"{number}");
            }
            catch (HttpRequestException)
            {
                return;
            }

            accepted(number);
        }
    }

    // A message that was written to the broken connection may come twice; what counts is when it is seen first.
    private static async Task AssertAcceptedAreSeenAsync(int accepted, RawClient before, RawClient after, string who)
    {
        var seen = new List<string>();
        while (before.TryReceive(out var message))
        {
            See(message!, seen);
        }

        while (seen.Count < accepted)
        {
            See(await after.ReceiveAsync($"{who}: accepted message {seen.Count} of {accepted}"), seen);
        }

        Assert.Equal(Enumerable.Range(0, accepted).Select(static i => $"{i}"), seen.Take(accepted));
    }

    private static void See(ReceivedPublish message, List<string> seen)
    {
        if (!seen.Contains(message.Text))
        {
            seen.Add(message.Text);
        }
    }

    private static ProtocolVersion VersionOf(int index) => index % 2 == 0 ? ProtocolVersion.Mqtt500 : ProtocolVersion.Mqtt311;
}
