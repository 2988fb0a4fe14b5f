using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>Status events that are pushed to URLs.</summary>
public sealed class StatusPushTests(PushingGateway gateway) : IClassFixture<PushingGateway>
{
    private const string Pushes = "/v1/statusPushes";
    private const string Secret = "0123456789abcdef";

    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Push_IsAsDocumented_AndSigned()
    {
        await using var receiver = await PushReceiver.StartAsync();
        var device = await Api.CreateDeviceAsync();
        var push = (await Api.PostAsync(Pushes, new { url = receiver.Url("/a%20b?c=d"), productKey = device.ProductKey, secret = Secret })).Expect(HttpStatusCode.Created);

        (await Api.PostAsync($"{RestApi.PathOf(device)}/messages", new { messageId = "m1", name = "reboot", qos = 1, payload = "eA==" })).Expect(HttpStatusCode.Created);
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());

        var statuses = new[] { "PENDING", "SENT", "DELIVERED" };
        var transitions = (await Api.UntilMessageIsAsync(device, "m1", "DELIVERED")).Body.GetProperty("transitions");
        for (var i = 0; i < statuses.Length; i++)
        {
            var pushed = await receiver.TakeAsync(statuses[i]);
            var at = transitions[i].GetProperty("at").GetDateTimeOffset().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            Assert.Equal(
                $$$"""{"resource":"device.message.status","event":"update","notify_data":{"message_id":"m1","name":"reboot","device_id":"{{{device.ProductKey}}}_{{{device.Name}}}","status":"{{{statuses[i]}}}","timestamp":"{{{at}}}"}}""",
                Encoding.UTF8.GetString(pushed.Body));
            Assert.Equal(("POST", "/a%20b?c=d", "application/json"), (pushed.Method, pushed.Path, pushed.Headers["Content-Type"]));
            Assert.Equal((push.Text("pushId"), device.ProductKey, device.Name), (pushed.Headers["Iot-Push-Id"], pushed.Headers["Iot-Product-Key"], pushed.Headers["Iot-Device-Name"]));
            var age = DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(long.Parse(pushed.Headers["Iot-Timestamp"], CultureInfo.InvariantCulture));
            Assert.InRange(age, TimeSpan.FromSeconds(-1), Deadline.Patience);
            var signed = Encoding.ASCII.GetBytes(pushed.Headers["Iot-Timestamp"] + ".").Concat(pushed.Body).ToArray();
            Assert.Equal("v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed)), pushed.Headers["Iot-Signature"]);
        }
    }

    [Fact]
    public async Task Push_OfAProductAndStatuses_GetsNothingElse()
    {
        await using var receiver = await PushReceiver.StartAsync();
        var devices = new[] { await Api.CreateDeviceAsync(), await Api.CreateDeviceAsync() };
        await PushingGateway.PushAsync(gateway.Process, receiver.Url(), devices[1].ProductKey, "FAILED");

        foreach (var device in devices)
        {
            await Api.SendMessageAsync(device, "x", messageId: "m");
            await Api.PostAsync($"{RestApi.PathOf(device)}/messages/m:cancel");
        }

        var pushed = await receiver.TakeAsync("the end of the product's message");
        Assert.Equal((devices[1].ProductKey, "FAILED"), (pushed.Headers["Iot-Product-Key"], pushed.Status));
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task Push_ThatIsRefusedNowAndThen_LosesNothing_AndKeepsEachMessagesOrder()
    {
        await using var receiver = await PushReceiver.StartAsync();
        var devices = await Api.CreateDevicesAsync(4);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);
        var random = new Random(7);
        receiver.Answer = _ => random.Next(4) switch { 0 => 500, 1 => 429, _ => 200 };
        await PushingGateway.PushAsync(gateway.Process, receiver.Url(), devices[0].ProductKey);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Api.SendMessageAsync(devices[i % devices.Length], "x")));
        var taken = await receiver.TakeAsync(120, "each event of each message");

        Assert.Equal(120, taken.Count);
        foreach (var message in taken.GroupBy(static pushed => pushed.MessageId))
        {
            Assert.Equal(["PENDING", "SENT", "DELIVERED"], message.Select(static pushed => pushed.Status));
        }

        // Whatever was repeated is the same event.
        var all = receiver.All;
        Assert.True(all.Length > taken.Count, "Some were refused.");
        Assert.All(all.GroupBy(static pushed => pushed.EventId), static same => Assert.Single(same.Select(static pushed => (pushed.MessageId, pushed.Status)).Distinct()));
    }

    [Fact]
    public async Task UrlThatHangs_HoldsNoOtherUp_EvenAtTheSameServer()
    {
        await using var own = await PushingGateway.StartAsync(("Messages__Push__Timeout", "00:01:00"));
        await using var receiver = await PushReceiver.StartAsync();
        var devices = await own.Api.CreateDevicesAsync(4);
        var device = devices[0];
        var hanging = await PushingGateway.PushAsync(own, receiver.Url("/hang"), device.ProductKey);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => own.Api.SendMessageAsync(devices[i % devices.Length], "x")));
        await Deadline.UntilAsync(() => Task.FromResult(receiver.All.Length), static count => count == 16, "as many requests hang as a push may have under way");

        await PushingGateway.PushAsync(own, receiver.Url("/other"), device.ProductKey);
        for (var i = 0; i < 10; i++)
        {
            await own.Api.SendMessageAsync(device, "x", messageId: $"m{i}");
            Assert.Equal($"m{i}", (await receiver.TakeAsync("an event of the push that is well")).MessageId);
        }

        Assert.Equal(10, receiver.All.Count(static pushed => pushed.Path == "/other"));
        var view = await Deadline.UntilAsync(() => own.Api.GetAsync(PathOf(hanging)), static view => view.Number("waiting") == 210, "all wait for the URL that hangs");
        Assert.Equal(("ACTIVE", false), (view.Text("state"), view.Has("lastFailedAt")));

        // What is under way is broken off.
        (await own.Api.DeleteAsync(PathOf(hanging))).Expect(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task UrlThatDoesNotAnswerInTime_IsTriedAgain_AndItsPushSaysSo()
    {
        await using var receiver = await PushReceiver.StartAsync();
        var device = await Api.CreateDeviceAsync();
        var push = await PushingGateway.PushAsync(gateway.Process, receiver.Url("/hang"), device.ProductKey);
        await Api.SendMessageAsync(device, "x");

        await Deadline.UntilAsync(() => Task.FromResult(receiver.All.Length), static count => count > 1, "it is tried again");
        var view = await GetAsync(push);
        Assert.Equal(("ACTIVE", "It did not answer in time.", 1L), (view.Text("state"), view.Text("lastFailure"), view.Number("waiting")));
        Assert.Single(receiver.All.Select(static pushed => pushed.EventId).Distinct());
    }

    [Fact]
    public async Task Redirection_IsNotFollowed()
    {
        await using var receiver = await PushReceiver.StartAsync();
        var device = await Api.CreateDeviceAsync();
        receiver.Answer = static _ => 307;
        var push = await PushingGateway.PushAsync(gateway.Process, receiver.Url(), device.ProductKey);
        await Api.SendMessageAsync(device, "x");

        await Deadline.UntilAsync(() => GetAsync(push), static view => view.Text("lastFailure") == "It answered 307.", "the redirection is a failure");
        await Deadline.UntilAsync(() => Task.FromResult(receiver.All.Length), static count => count > 2, "it is tried again");
        Assert.All(receiver.All, static pushed => Assert.Equal("/events", pushed.Path));
    }

    [Fact]
    public async Task Push_WhoseUrlTakesNothing_IsParked_AndGoesOnWithoutALossWhenItIsResumed()
    {
        await using var own = await PushingGateway.StartAsync(("Messages__Push__ParkAfter", "00:00:01"));
        await using var receiver = await PushReceiver.StartAsync();
        var device = await own.Api.CreateDeviceAsync();
        var push = await PushingGateway.PushAsync(own, receiver.Url(), device.ProductKey);
        await own.Api.SendMessageAsync(device, "x", messageId: "before");
        await receiver.TakeAsync("what the URL still takes");
        (await own.Api.PostAsync($"{PathOf(push)}:resume")).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");

        receiver.Answer = static _ => 503;
        await own.Api.SendMessageAsync(device, "x", messageId: "m0");
        var parked = await Deadline.UntilAsync(() => own.Api.GetAsync(PathOf(push)), static view => view.Text("state") == "PARKED", "the push is parked");
        Assert.Equal(("It answered 503.", true, true), (parked.Text("lastFailure"), parked.Has("parkedAt"), parked.Has("lastFailedAt")));
        Assert.Contains("is parked", own.Log, StringComparison.Ordinal);
        for (var i = 1; i < 5; i++)
        {
            await own.Api.SendMessageAsync(device, "x", messageId: $"m{i}");
        }

        // It stays so over a restart.
        Assert.Equal(0, await own.StopAsync(TimeSpan.FromSeconds(10)));
        await own.StartAsync();
        Assert.Equal("PARKED", (await own.Api.GetAsync(PathOf(push))).Text("state"));
        var tried = receiver.All.Length;
        receiver.Answer = static _ => 200;
        Assert.Equal("ACTIVE", (await own.Api.PostAsync($"{PathOf(push)}:resume")).Expect(HttpStatusCode.OK).Text("state"));

        var taken = await receiver.TakeAsync(5, "what happened while it was parked");
        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], taken.Select(static pushed => pushed.MessageId).Order());
        Assert.Equal(tried + 5, receiver.All.Length);
        Assert.False((await own.Api.GetAsync(PathOf(push))).Has("parkedAt"));
    }

    [Fact]
    public async Task Push_ThatIsResumedTooLate_SaysSoOnce_AndGoesOnWithWhatIsKept()
    {
        await using var own = await PushingGateway.StartAsync(("Messages__Push__ParkAfter", "00:00:00.5"), ("Messages__EventRetention", "00:00:01"));
        await using var receiver = await PushReceiver.StartAsync();
        var device = await own.Api.CreateDeviceAsync();
        var push = await PushingGateway.PushAsync(own, receiver.Url(), device.ProductKey);
        receiver.Answer = static _ => 503;
        await own.Api.SendMessageAsync(device, "x", messageId: "missed");
        await Deadline.UntilAsync(() => own.Api.GetAsync(PathOf(push)), static view => view.Text("state") == "PARKED", "the push is parked");
        await Deadline.UntilAsync(() => own.Api.GetAsync("/v1/messageEvents"), static page => page.Expect(HttpStatusCode.OK).Items("events").Length == 0, "the event is not kept any more");

        receiver.Answer = static _ => 200;
        (await own.Api.PostAsync($"{PathOf(push)}:resume")).Expect(HttpStatusCode.OK);
        await Deadline.UntilAsync(() => Task.FromResult(own.Log), static log => log.Contains("comes too late", StringComparison.Ordinal), "the gap is told");
        await own.Api.SendMessageAsync(device, "x", messageId: "next");

        Assert.Equal("next", (await receiver.TakeAsync("what is kept")).MessageId);
        Assert.Equal(2, own.Log.Split("comes too late").Length);
    }

    [Fact]
    public async Task Push_GoesOnFromWhereItWas_WhenTheGatewayWasKilled()
    {
        await using var own = await PushingGateway.StartAsync();
        await using var receiver = await PushReceiver.StartAsync();
        var device = await own.Api.CreateDeviceAsync();
        var push = await PushingGateway.PushAsync(own, receiver.Url(), device.ProductKey);
        await own.Api.SendMessageAsync(device, "x", messageId: "first");
        await receiver.TakeAsync("the first event");
        receiver.Answer = static _ => 500;
        for (var i = 0; i < 30; i++)
        {
            await own.Api.SendMessageAsync(device, "x", messageId: $"m{i}");
        }

        own.Kill();
        receiver.Answer = static _ => 200;
        await own.StartAsync();
        await own.Api.SendMessageAsync(device, "x", messageId: "last");

        // At least once: the first may come again.
        var missing = Enumerable.Range(0, 30).Select(static i => $"m{i}").Append("last").ToHashSet();
        while (missing.Count > 0)
        {
            missing.Remove((await receiver.TakeAsync($"the event of one of {string.Join(", ", missing)}")).MessageId);
        }

        Assert.Equal("ACTIVE", (await own.Api.GetAsync(PathOf(push))).Text("state"));
    }

    [Fact]
    public async Task PushThatIsDeleted_EndsAtOnce()
    {
        await using var receiver = await PushReceiver.StartAsync();
        var device = await Api.CreateDeviceAsync();
        receiver.Answer = static _ => 500;
        var push = await PushingGateway.PushAsync(gateway.Process, receiver.Url(), device.ProductKey);
        await Api.SendMessageAsync(device, "x");
        await Deadline.UntilAsync(() => Task.FromResult(receiver.All.Length), static count => count > 1, "the event is tried again and again");

        (await Api.DeleteAsync(PathOf(push))).Expect(HttpStatusCode.NoContent);

        var tried = receiver.All.Length;
        (await Api.GetAsync(PathOf(push))).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await Api.DeleteAsync(PathOf(push))).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await Api.PostAsync($"{PathOf(push)}:resume")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.DoesNotContain(push.Text("pushId"), await ListedAsync(Api));

        // Five times as long as the longest wait for the next try: another push gets its event meanwhile.
        await using var other = await PushReceiver.StartAsync();
        await PushingGateway.PushAsync(gateway.Process, other.Url(), device.ProductKey, "TIMEOUT");
        await Api.SendMessageAsync(device, "x", ttl: 1);
        await other.TakeAsync("the timeout of a message with a short ttl");
        Assert.Equal(tried, receiver.All.Length);
    }

    [Fact]
    public async Task Secret_IsInTheAnswerOfTheCreationOnly()
    {
        await using var receiver = await PushReceiver.StartAsync();
        var device = await Api.CreateDeviceAsync();
        var made = await PushingGateway.PushAsync(gateway.Process, receiver.Url(), device.ProductKey, "SENT");
        var given = (await Api.PostAsync(Pushes, new { url = receiver.Url(), productKey = device.ProductKey, secret = Secret })).Expect(HttpStatusCode.Created);

        Assert.Equal((64, Secret), (made.Text("secret").Length, given.Text("secret")));
        var view = (await GetAsync(made)).Expect(HttpStatusCode.OK);
        Assert.Equal((made.Text("pushId"), receiver.Url(), device.ProductKey, "ACTIVE"), (view.Text("pushId"), view.Text("url"), view.Text("productKey"), view.Text("state")));
        Assert.Equal("SENT", Assert.Single(view.Items("statuses")).GetString());
        var list = (await Api.GetAsync(Pushes)).Expect(HttpStatusCode.OK);
        Assert.All(list.Items("pushes").Append(view.Body), static push => Assert.Equal("", Answer.TextOf(push, "secret")));
        Assert.DoesNotContain(Secret, list.ToString(), StringComparison.Ordinal);
        var listed = await ListedAsync(Api);
        Assert.InRange(listed.IndexOf(made.Text("pushId")), 0, listed.IndexOf(given.Text("pushId")) - 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/relative")]
    [InlineData("example.org/x")]
    [InlineData("ftp://example.org/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://")]
    [InlineData("https://user@example.org/")]
    [InlineData("https://user:password@example.org/")]
    [InlineData("https://example.org/#fragment")]
    public async Task Url_ThatIsNone_IsInvalid(string url) =>
        (await Api.PostAsync(Pushes, new { url })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");

    [Fact]
    public async Task Fields_OutOfBounds_AreInvalid()
    {
        const string url = "https://example.org/";
        object[] wrong =
        [
            new { url = url + new string('x', 2_048) }, new { url, secret = "0123456789abcde" }, new { url, secret = new string('x', 129) }, new { url, secret = "0123456789abcde\n" },
            new { url, productKey = "a b" }, new { url, statuses = new[] { "STATUS_UNSPECIFIED" } },
        ];
        foreach (var body in wrong)
        {
            (await Api.PostAsync(Pushes, body)).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        }
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", ":resume")]
    public async Task PushThatIsUnknown_IsNotFound(string method, string action)
    {
        foreach (var id in new[] { Guid.NewGuid().ToString("N"), "x" })
        {
            var path = $"{Pushes}/{id}{action}";
            var answer = method switch { "GET" => Api.GetAsync(path), "DELETE" => Api.DeleteAsync(path), _ => Api.PostAsync(path) };
            (await answer).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        }
    }

    // With settings as they come: whoever may call the API must not reach what only this machine can.
    [Fact]
    public async Task AddressThatIsNotPublic_IsRefused_WhenItIsNamed_AndWhenItIsConnectedTo()
    {
        await using var own = await GatewayProcess.StartAsync(settings: [("Messages__Push__PushesMax", "1"), ("Messages__Push__PollInterval", "00:00:00.020")]);
        await using var receiver = await PushReceiver.StartAsync();
        var port = receiver.Address.Port;
        string[] hosts = ["127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254", "192.168.0.1", "172.31.255.255", "[::ffff:127.0.0.1]", "[fe80::1]", "0.0.0.0", "2130706433", "0x7f.1"];
        foreach (var host in hosts)
        {
            var answer = (await own.Api.PostAsync(Pushes, new { url = $"http://{host}:{port}/" })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
            Assert.Contains("not public", answer.Text("message"), StringComparison.Ordinal);
        }

        var device = await own.Api.CreateDeviceAsync();
        var push = await PushingGateway.PushAsync(own, $"http://localhost:{port}/", device.ProductKey);
        await own.Api.SendMessageAsync(device, "x");
        var failing = await Deadline.UntilAsync(() => own.Api.GetAsync(PathOf(push)), static view => view.Text("lastFailure").Length > 0, "the push fails");
        Assert.Contains("not public", failing.Text("lastFailure"), StringComparison.Ordinal);
        Assert.Empty(receiver.All);

        // The bound, and that what was deleted makes room.
        (await own.Api.PostAsync(Pushes, new { url = "https://example.org/" })).Expect(HttpStatusCode.TooManyRequests, "RESOURCE_EXHAUSTED");
        (await own.Api.DeleteAsync(PathOf(push))).Expect(HttpStatusCode.NoContent);
        await PushingGateway.PushAsync(own, $"http://localhost:{port}/", device.ProductKey);
    }

    private static string PathOf(Answer push) => $"{Pushes}/{push.Text("pushId")}";

    private static async Task<List<string>> ListedAsync(RestApi api) =>
        [.. (await api.GetAsync(Pushes)).Expect(HttpStatusCode.OK).Items("pushes").Select(static push => Answer.TextOf(push, "pushId"))];

    private Task<Answer> GetAsync(Answer push) => Api.GetAsync(PathOf(push));
}
