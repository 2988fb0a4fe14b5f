using System.Text;
using IotPlatform.Cluster.Tests.Hosts;
using IotPlatform.Devices;
using IotPlatform.Testkit;

namespace IotPlatform.Cluster.Tests.Devices;

/// <summary>Calls that wait at one gateway for the answer of a device at another one.</summary>
public sealed class InvocationTests(ClusterFixture cluster) : ClusterTest(cluster)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task Invocation_FromAnotherGateway_IsAnsweredByTheDevice()
    {
        var name = NewName("invoked");
        await using var client = await A.ConnectAsync(name);
        var call = B.PostAsync($"/v1/products/demo/devices/{name}:invoke", new { payload = "aGk=", qos = 1 });
        await AnswerAsync(client);
        var answer = await Deadline.WithinAsync(call, "the answer");
        Assert.Equal(("SUCCESS", "bm8="), ((string)answer["outcome"]!, (string)answer["payload"]!));
    }

    [SkippableFact]
    public async Task Invocation_WhoseCallerHasGone_MakesRoomAtTheDevicesGateway()
    {
        var name = NewName("left");
        await using var client = await A.ConnectAsync(name);
        using var caller = new CancellationTokenSource();

        // As many as may wait for one device.
        var calls = Enumerable.Range(0, 8).Select(_ => InvokeAsync(name, caller.Token)).ToArray();
        await client.ReceiveAsync(calls.Length, "the requests");
        Assert.Equal(RefusalCode.ResourceExhausted, (await InvokeAsync(name)).Refusal?.Code);

        await caller.CancelAsync();

        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Deadline.WithinAsync(call, "the end of a cancelled call"));
        }

        var room = Deadline.UntilAsync(() => InvokeAsync(name), static reply => reply.Refusal is null, "a call that has room");
        await AnswerAsync(client);
        Assert.Equal((InvocationOutcome.Success, "no"), ((await room).Value!.Outcome, Encoding.UTF8.GetString((await room).Value!.Payload.Span)));
    }

    [SkippableFact]
    public async Task Invocation_WhoseGatewayStops_IsOffline()
    {
        var name = NewName("stopped");
        await using var gateway = await Cluster.StartGatewayAsync("stopping");
        await using var client = await gateway.ConnectAsync(name);
        var call = InvokeAsync(name);
        await client.ReceiveAsync("the request");
        await gateway.StopAsync();
        Assert.Equal(InvocationOutcome.Offline, (await Deadline.WithinAsync(call, "the end of the call")).Value!.Outcome);
    }

    private static async Task AnswerAsync(RawClient client)
    {
        var request = await client.ReceiveAsync("the request");
        await client.PublishAsync(request.Topic.Replace("/request/", "/response/", StringComparison.Ordinal), "no");
    }

    private Task<Reply<InvocationResult>> InvokeAsync(string name, CancellationToken cancellationToken = default) =>
        B.Grains.GetGrain<IDeviceGrain>(new DeviceId("demo", name).GrainKey).InvokeAsync(new InvokeDevice("hi"u8.ToArray(), QoS: 0, Timeout, default), cancellationToken);
}
