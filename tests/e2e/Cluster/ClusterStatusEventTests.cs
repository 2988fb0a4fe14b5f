using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Messages;
using IotPlatform.Protos.V1;
using IotPlatform.Testkit;
using Xunit.Abstractions;
using Device = IotPlatform.E2e.Tests.Gateways.Device;
using Status = IotPlatform.Protos.V1.DeviceMessage.Types.Status;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Status events that several silos store side by side, and what becomes of them when one is killed.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class ClusterStatusEventTests(SmallCluster fixture, ITestOutputHelper output)
{
    /// <summary>Enough for both silos to have many of them.</summary>
    private const int DevicesMax = 40;

    private const int MessagesEach = 5;

    private static readonly Status[] WholeLife = [Status.Pending, Status.Sent, Status.Delivered];
    private static readonly TimeSpan ReachableAfter = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task Watch_AtAnotherGateway_SeesAllOfEachMessageInOrder_AlsoAcrossAKilledSilo()
    {
        var cluster = await fixture.WholeAsync();
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(DevicesMax);
        await using var clients = await ClientGroup.ConnectAsync(cluster.Gateways[0], devices);
        var request = new WatchDeviceMessagesRequest { ProductKey = devices[0].ProductKey };
        await using (var watch = await StatusWatch.OpenAsync(cluster.Gateways[1], request))
        {
            request.Position = watch.Position;
        }

        try
        {
            var seen = FollowAsync(cluster.Gateways[1], request, DevicesMax * MessagesEach);
            await SendAsync(cluster.Gateways[0], devices, "before");
            foreach (var life in (await seen).Values)
            {
                Assert.Equal(WholeLife, life);
            }

            // While both silos store events, one of them ends.
            seen = FollowAsync(cluster.Gateways[1], request, DevicesMax * MessagesEach);
            var sending = SendAsync(cluster.Gateways[0], devices, "after");
            cluster.Silos[1].Kill();
            await sending;
            foreach (var life in (await seen).Values)
            {
                // A silo that is gone may have written to a device what it did not store.
                Assert.Equal(WholeLife, life.Distinct());
                Assert.Equal(life.Order(), life);
                Assert.Single(life, Status.Pending);
                Assert.Single(life, Status.Delivered);
            }
        }
        catch
        {
            cluster.TellLogs(output);
            throw;
        }
    }

    [SkippableFact]
    public async Task Push_GoesOn_WhicheverSiloIsKilled_AndLosesNothing()
    {
        await using var cluster = await fixture.AnotherAsync();
        (string, string)[] settings = [("Messages__Push__AllowPrivateAddresses", "true"), ("Messages__Push__RetryMin", "00:00:00.100")];
        var silos = new[] { cluster.AddSilo(settings), cluster.AddSilo(settings) };
        foreach (var silo in silos)
        {
            silo.Launch();
        }

        await cluster.StartAsync(silos: 0, gateways: 1);
        await using var receiver = await PushReceiver.StartAsync();
        var gateway = cluster.Gateways[0];
        var devices = await gateway.Api.CreateDevicesAsync(DevicesMax);
        await using var clients = await ClientGroup.ConnectAsync(gateway, devices);
        await PushingGateway.PushAsync(gateway, receiver.Url(), devices[0].ProductKey);
        try
        {
            for (var i = 0; i < silos.Length; i++)
            {
                var sending = SendAsync(gateway, devices, $"round{i}");
                await receiver.TakeAsync("the push has begun");
                silos[i].Kill();
                await sending;
                await AssertAllTakenAsync(receiver, $"round{i}");
                await silos[i].StartAsync();
                await cluster.UntilWholeAsync();
            }
        }
        catch
        {
            cluster.TellLogs(output);
            throw;
        }
    }

    // Whatever failed may have been accepted: it is sent again under the same id.
    private static Task SendAsync(GatewayProcess gateway, Device[] devices, string prefix) => Task.WhenAll(devices.Select(async (device, d) =>
    {
        for (var i = 0; i < MessagesEach; i++)
        {
            var messageId = $"{prefix}-{d}-{i}";
            await Deadline.UntilAsync(
                () => gateway.Api.TrySendMessageAsync(device, "x", messageId: messageId), static answer => answer.Status == HttpStatusCode.Created, $"{messageId} is accepted", ReachableAfter);
        }
    }));

    /// <summary>Watches until so many messages are delivered, and watches on from the last position whenever the watch ends.</summary>
    /// <returns>What each message was seen to reach, in that order.</returns>
    private static async Task<Dictionary<string, List<Status>>> FollowAsync(GatewayProcess gateway, WatchDeviceMessagesRequest request, int count)
    {
        var lives = new Dictionary<string, List<Status>>();
        var delivered = 0;
        while (delivered < count)
        {
            await using var watch = await Deadline.UntilAsync(
                () => StatusWatch.TryOpenAsync(gateway, request), static watch => watch is not null, "the watch goes on", ReachableAfter);
            while (delivered < count && await watch!.TryReadAsync($"the end of {count - delivered} messages") is { } status)
            {
                request.Position = watch.Position;
                var key = $"{status.DeviceName} {status.MessageId}";
                if (!lives.TryGetValue(key, out var life))
                {
                    lives.Add(key, life = []);
                }

                life.Add(status.Status);
                delivered += status.Status == Status.Delivered ? 1 : 0;
            }
        }

        Assert.Equal(count, lives.Count);
        return lives;
    }

    private static async Task AssertAllTakenAsync(PushReceiver receiver, string prefix)
    {
        var all = await Deadline.UntilAsync(
            () => Task.FromResult(receiver.All.Where(pushed => pushed.MessageId.StartsWith(prefix, StringComparison.Ordinal)).ToArray()),
            static all => all.Select(static pushed => (pushed.MessageId, pushed.Status)).Distinct().Count() == DevicesMax * MessagesEach * WholeLife.Length,
            $"every event of {prefix} is pushed",
            ReachableAfter);
        foreach (var message in all.GroupBy(static pushed => pushed.MessageId))
        {
            Assert.Equal(["PENDING", "SENT", "DELIVERED"], message.Select(static pushed => pushed.Status).Distinct());
        }
    }
}
