using System.Net;
using System.Text;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Broadcasts;

/// <summary>Broadcasts that go on: for acknowledgements, for devices that come later, at a rate.</summary>
public sealed class BroadcastLifeTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task QoS1_AcknowledgedByAll_IsCompleted()
    {
        var devices = await Api.CreateDevicesAsync(3);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);

        var answer = (await PublishAsync(devices[0], new { messageContent = Bytes("x"), qos = 1 })).Expect(HttpStatusCode.OK);

        var receipt = await UntilAsync(devices[0], answer, static r => r.Text("status") == "COMPLETED");
        Assert.Equal((3, 3, 3), (receipt.Number("targeted"), receipt.Number("written"), receipt.Number("acknowledged")));
        Assert.Empty(await UnacknowledgedAsync(devices[0], answer));
        var gatewayCounts = Assert.Single(receipt.Items("gateways"));
        Assert.Equal("3", Answer.TextOf(gatewayCounts, "acknowledged"));
    }

    [Fact]
    public async Task QoS1_NotAcknowledged_IsListed_AndRetriedToJustThose()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var reliable = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());
        var answer = default(Answer);
        await using (var silent = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect(), acknowledges: false))
        {
            answer = (await PublishAsync(devices[0], new { messageContent = Bytes("x"), qos = 1 })).Expect(HttpStatusCode.OK);
            await silent.ReceiveAsync("the broadcast that it does not acknowledge");
            await UntilAsync(devices[0], answer, static r => r.Number("acknowledged") == 1);
            Assert.Equal([devices[1].Name], await UnacknowledgedAsync(devices[0], answer));
        }

        await reliable.ReceiveAsync("the broadcast");
        await using var again = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect());
        await Deadline.UntilAsync(() => RetryAsync(devices[0], answer), static r => r.Number("retried") > 0, "the retry reaches the device that is back");
        var message = await again.ReceiveAsync("the broadcast again");
        Assert.Equal(devices[1].BroadcastTopic(answer.MessageId), message.Topic);
        var receipt = await UntilAsync(devices[0], answer, static r => r.Text("status") == "COMPLETED");
        Assert.Equal((2, 2, 2, 1), (receipt.Number("targeted"), receipt.Number("written"), receipt.Number("acknowledged"), receipt.Number("retried")));
        Assert.Empty(await UnacknowledgedAsync(devices[0], answer));
        await reliable.PingAsync();
        Assert.Equal(0, reliable.Waiting);
    }

    [Fact]
    public async Task Ttl_ReachesWhoComesInTime_OnceEach()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var early = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());
        var answer = (await PublishAsync(devices[0], new { messageContent = Bytes("x"), ttl = 600 })).Expect(HttpStatusCode.OK);
        await early.ReceiveAsync("the broadcast");

        await using (var late = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect()))
        {
            Assert.Equal(devices[1].BroadcastTopic(answer.MessageId), (await late.ReceiveAsync("the broadcast that it came in time for")).Topic);
        }

        foreach (var device in devices)
        {
            await using var again = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
            await again.PingAsync();
            Assert.Equal(0, again.Waiting);
        }

        var receipt = await UntilAsync(devices[0], answer, static r => r.Number("late") == 1);
        Assert.Equal(("RUNNING", 1, 1), (receipt.Text("status"), receipt.Number("targeted"), receipt.Number("written")));
        Assert.True(receipt.Has("expiresAt"));

        Assert.Equal("CANCELLED", (await CancelAsync(devices[0], answer)).Expect(HttpStatusCode.OK).Text("status"));
        await using var third = await RawClient.ConnectAsync(gateway.Process.Mqtt, (await Api.CreateDeviceAsync(devices[0].ProductKey)).Connect());
        await third.PingAsync();
        Assert.Equal(0, third.Waiting);
        (await CancelAsync(devices[0], answer)).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");
    }

    [Fact]
    public async Task MaxRate_IsKept_AndAnsweredBeforeItIsDone()
    {
        var devices = await Api.CreateDevicesAsync(8);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);

        // One each two seconds or so: at the answer most of them wait.
        var answer = (await PublishAsync(devices[0], new { messageContent = Bytes("x"), maxRate = 1 })).Expect(HttpStatusCode.OK);
        Assert.Equal((8, 8), (answer.Number("targeted"), answer.Number("waiting") + answer.Number("written")));
        await UntilAsync(devices[0], answer, static r => r.Number("written") is > 0 and < 8);

        var cancelled = (await CancelAsync(devices[0], answer)).Expect(HttpStatusCode.OK);
        Assert.Equal(8, cancelled.Number("written") + cancelled.Number("waiting"));
        Assert.True(cancelled.Number("waiting") > 0);
    }

    [Fact]
    public async Task Filter_ByTag_ReachesTheRing_AndClientsOf5GetTheProperties()
    {
        var devices = await Api.CreateDevicesAsync(2);
        (await Api.PostAsync($"{RestApi.PathOf(devices[0])}:setTags", new { tags = new Dictionary<string, string> { ["ring"] = "canary" } })).Expect(HttpStatusCode.OK);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);
        var answer = (await PublishAsync(devices[0], new
        {
            messageContent = Bytes("x"),
            filter = new { tags = new Dictionary<string, string> { ["ring"] = "canary" } },
            contentType = "text/plain",
            userProperties = new[] { new { name = "a", value = "1" } },
            messageExpiry = 60,
        })).Expect(HttpStatusCode.OK);
        Assert.Equal((1, 1), (answer.Number("targeted"), answer.Number("written")));
        await clients[0].ReceiveAsync("the broadcast to its ring");
        await clients.AssertNothingWaitsAsync();

        (await PublishAsync(devices[0], new { messageContent = Bytes("x"), filter = new { tags = new Dictionary<string, string> { ["no key"] = "" } } }))
            .Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
    }

    [Fact]
    public async Task List_ShowsTheBroadcastsOfAProduct_TheNewestFirst()
    {
        var device = await Api.CreateDeviceAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, (await PublishAsync(device, new { messageContent = Bytes("x"), ttl = i == 1 ? 600 : 0 })).Expect(HttpStatusCode.OK).MessageId);
        }

        var first = (await Api.GetAsync($"/v1/products/{device.ProductKey}/broadcasts?pageSize=2")).Expect(HttpStatusCode.OK);
        var second = (await Api.GetAsync($"/v1/products/{device.ProductKey}/broadcasts?pageSize=2&pageToken={first.Text("nextPageToken")}")).Expect(HttpStatusCode.OK);
        Assert.Equal(ids, first.Items("broadcasts").Concat(second.Items("broadcasts")).Select(static b => Answer.TextOf(b, "messageId")));
        Assert.Equal(["COMPLETED", "RUNNING"], first.Items("broadcasts").Select(static b => Answer.TextOf(b, "status")));
        Assert.Equal("", second.Text("nextPageToken"));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Path(Device device, Answer broadcast) => $"/v1/products/{device.ProductKey}/broadcasts/{broadcast.MessageId}";

    private Task<Answer> PublishAsync(Device device, object request) => Api.PostAsync($"/v1/products/{device.ProductKey}/broadcasts", request);

    private Task<Answer> CancelAsync(Device device, Answer broadcast) => Api.PostAsync($"{Path(device, broadcast)}:cancel");

    private async Task<Answer> RetryAsync(Device device, Answer broadcast) => (await Api.PostAsync($"{Path(device, broadcast)}:retry")).Expect(HttpStatusCode.OK);

    private Task<Answer> UntilAsync(Device device, Answer broadcast, Predicate<Answer> isSo) =>
        Deadline.UntilAsync(() => Api.GetAsync(Path(device, broadcast)), isSo, "the receipt says so");

    private async Task<string[]> UnacknowledgedAsync(Device device, Answer broadcast)
    {
        var page = (await Api.GetAsync($"{Path(device, broadcast)}/unacknowledged")).Expect(HttpStatusCode.OK);
        return [.. page.Items("deviceNames").Select(static name => name.GetString()!)];
    }
}
