using System.Globalization;
using System.Net;
using System.Text.Json;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Transport;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Watching;

/// <summary>The way of packets, as traces show it.</summary>
public sealed class TraceTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private const string Secret = "payloads-are-nobodys-business";

    private static readonly byte[] AliasOne = [0x23, 0x00, 0x01];

    private RestApi Api => gateway.Process.Api;

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500)]
    [InlineData(ProtocolVersion.Mqtt311)]
    public async Task Trace_OfAClientId_ShowsItsPacketsInTheirOrder(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        var clientId = RestApi.NewKey("client");
        await using var trace = await Api.TraceAsync(new { clientId });
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version, clientId));
        await client.SubscribeAsync(("a/+", QoS.AtLeastOnce), ("b", QoS.ExactlyOnce));
        await client.UnsubscribeAsync("a/+");
        await client.PublishAsync("elsewhere", Secret, QoS.ExactlyOnce);
        await client.PingAsync();
        await client.DisconnectAsync();

        var events = await trace.UntilAsync(static noted => noted.Step == "CLOSED", "the end of the connection");

        Assert.Equal(
            [
                "RECEIVED CONNECT", "SENT CONNACK Success", "RECEIVED SUBSCRIBE", "SENT SUBACK GrantedQoS1 GrantedQoS2", "RECEIVED UNSUBSCRIBE",
                version == ProtocolVersion.Mqtt500 ? "SENT UNSUBACK Success" : "SENT UNSUBACK", "RECEIVED PUBLISH",
                version == ProtocolVersion.Mqtt500 ? "SENT PUBREC NoMatchingSubscribers" : "SENT PUBREC Success", "RECEIVED PUBREL Success",
                "SENT PUBCOMP Success", "RECEIVED PINGREQ", "SENT PINGRESP", "RECEIVED DISCONNECT Success", "CLOSED",
            ],
            events.Select(static noted => noted.Summary));
        Assert.All(events, noted => Assert.Equal(clientId, noted.ClientId));
        Assert.All(events.Skip(1), noted => Assert.Equal(device.Name, noted.Device));
        Assert.Equal(["a/+ b", "a/+", "elsewhere"], events.Select(static noted => noted.Topic).Where(static topic => topic.Length > 0));
        Assert.Equal(2, events.Single(static noted => noted.Packet == "PUBLISH").QoS);
        Assert.Single(events.Where(static noted => noted.Packet.StartsWith("PUB", StringComparison.Ordinal)).Select(static noted => noted.PacketId).Distinct());
        Assert.All(events.SkipLast(1), static noted => Assert.True(noted.Bytes > 0));
        await AssertNoPayloadAsync(trace);
    }

    [Fact]
    public async Task Trace_OfADevice_ShowsItsPackets_AlsoThoseOfARefusedLogin()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var other = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect());
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());
        await using var trace = await Api.TraceAsync(new { productKey = devices[0].ProductKey, deviceName = devices[0].Name });
        await other.PingAsync();
        await client.PublishAsync("t", Secret, QoS.AtLeastOnce);
        await using (var refused = await RawClient.OpenAsync(gateway.Process.Mqtt))
        {
            refused.Send(devices[0].Connect(secret: "wrong"));
            await refused.ClosedAsync("the close after the refusal");
        }

        var events = await trace.UntilAsync(static noted => noted.Step == "CLOSED", "the end of the refused connection");

        Assert.Equal(
            ["RECEIVED PUBLISH", "SENT PUBACK NoMatchingSubscribers", "RECEIVED CONNECT", "SENT CONNACK NotAuthorized", "CLOSED"],
            events.Select(static noted => noted.Summary));
        Assert.All(events, noted => Assert.Equal(devices[0].Name, noted.Device));
    }

    [Theory]
    [InlineData("127.0.7.1")]
    [InlineData("127.0.7.0/24")]
    public async Task Trace_OfAnAddress_ShowsThePacketsFromThere(string address)
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var other = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect());
        await using var trace = await Api.TraceAsync(new { address });
        await using (var client = await RawClient.ConnectAsync(await Loopback.OpenAsync(gateway.Process.Mqtt, "127.0.7.1"), devices[0].Connect()))
        {
            await other.PingAsync();
            await client.PingAsync();
        }

        var events = await trace.UntilAsync(static noted => noted.Step == "CLOSED", "the end of the connection");

        Assert.Equal(["RECEIVED CONNECT", "SENT CONNACK Success", "RECEIVED PINGREQ", "SENT PINGRESP", "CLOSED"], events.Select(static noted => noted.Summary));
        Assert.All(events, static noted => Assert.StartsWith("127.0.7.1:", noted.Address, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trace_OfAClientThatIsSentAway_ShowsWhatItWasTold()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        await using var trace = await Api.TraceAsync(new { clientId = device.Name });
        (await Api.KickAsync(device)).Expect(HttpStatusCode.OK);
        await client.ClosedAsync("the close of a client that is sent away");

        var events = await trace.UntilAsync(static noted => noted.Step == "CLOSED", "the end of the connection");

        Assert.Equal(["SENT DISCONNECT AdministrativeAction", "CLOSED"], events.Select(static noted => noted.Summary));
    }

    [Fact]
    public async Task Trace_OfATopic_ShowsAPublishsWayToWhoGetsItAndWhoDoesNot()
    {
        var topic = RestApi.NewKey("topic");
        var devices = await Api.CreateDevicesAsync(3);
        await using var publisher = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());
        await using var taking = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect(ProtocolVersion.Mqtt311));
        await using var picky = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[2].Connect(maximumPacketSize: 64));
        await taking.SubscribeAsync($"{topic}/#", QoS.AtLeastOnce);
        await picky.SubscribeAsync($"{topic}/#", QoS.AtLeastOnce);
        await using var trace = await Api.TraceAsync(new { topicFilter = $"{topic}/+" });
        await publisher.PublishAsync($"{topic}/a/b", "not in the filter", QoS.AtLeastOnce);
        await publisher.PublishAsync($"{topic}/1", string.Join(' ', Enumerable.Repeat(Secret, 4)), QoS.AtLeastOnce);
        await taking.ReceiveAsync(2, "what it is subscribed to");

        await trace.UntilAsync(noted => noted.Device == devices[1].Name, "the way to the one who takes it");
        var events = await trace.UntilAsync(noted => noted.Device == devices[2].Name, "what became of it for the other");

        Assert.All(events, noted => Assert.Equal($"{topic}/1", noted.Topic));
        Assert.Equal((devices[0].Name, "RECEIVED PUBLISH"), (events[0].Device, events[0].Summary));
        Assert.Equal(
            [(devices[1].Name, "SENT PUBLISH"), (devices[2].Name, "DROPPED PUBLISH too_large")],
            events.Skip(1).Select(static noted => (noted.Device, noted.Summary)).Order());
        await AssertNoPayloadAsync(trace);
    }

    [Fact]
    public async Task Trace_OfATopicThatMayNotBePublishedTo_ShowsThatItWasDropped()
    {
        var device = await Api.CreateDeviceAsync();
        await using var trace = await Api.TraceAsync(new { topicFilter = "$SYS/#" });
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        await client.PublishAsync("$SYS/x", "x", QoS.AtLeastOnce);

        var events = await trace.UntilAsync(static noted => noted.Step == "DROPPED", "the drop");

        Assert.Equal(["RECEIVED PUBLISH", "DROPPED PUBLISH not_permitted"], events.Select(static noted => noted.Summary));
    }

    // What was agreed on before the trace began is resolved as well; and a second trace does not disturb the first.
    [Fact]
    public async Task Trace_OfATopic_ShowsItAlsoBehindAnAlias()
    {
        var topic = RestApi.NewKey("topic");
        var devices = await Api.CreateDevicesAsync(2);
        await using var publisher = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());
        await using var subscriber = await RawClient.ConnectAsync(gateway.Process.Mqtt, WithAliases(devices[1]));
        await subscriber.SubscribeAsync(topic);
        await publisher.PublishAsync(topic, "before", QoS.AtLeastOnce, properties: AliasOne);
        await subscriber.ReceiveAsync("the message before the trace");

        await using var trace = await Api.TraceAsync(new { topicFilter = topic });
        await publisher.PublishAsync("", "by its alias", QoS.AtLeastOnce, properties: AliasOne);
        Assert.Equal("", (await subscriber.ReceiveAsync("the message behind an alias")).Topic);
        await using var second = await Api.TraceAsync(new { topicFilter = "something/else" });
        await publisher.PublishAsync("", "by its alias", QoS.AtLeastOnce, properties: AliasOne);
        Assert.Equal("", (await subscriber.ReceiveAsync("the next message behind an alias")).Topic);

        var answer = await Deadline.UntilAsync(
            () => trace.ReadAsync(), static answer => NotedEvent.AllOf(answer).Length >= 4, "the trace shows two messages on both sides");
        Assert.Equal(
            [(devices[0].Name, "RECEIVED PUBLISH", topic), (devices[1].Name, "SENT PUBLISH", topic), (devices[0].Name, "RECEIVED PUBLISH", topic), (devices[1].Name, "SENT PUBLISH", topic)],
            NotedEvent.AllOf(answer).Select(static noted => (noted.Device, noted.Summary, noted.Topic)));
    }

    [Fact]
    public async Task Events_AreReadInPages_AndAgainOnlyWhatIsNew()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        await using var trace = await Api.TraceAsync(new { productKey = device.ProductKey, deviceName = device.Name });
        var first = (await trace.ReadAsync()).Expect(HttpStatusCode.OK);
        Assert.Empty(NotedEvent.AllOf(first));
        for (var i = 0; i < 5; i++)
        {
            await client.PublishAsync($"t/{i}", "x");
        }

        await client.PingAsync();
        await trace.UntilAsync(static noted => noted.Packet == "PINGRESP", "the ping's answer");

        var pages = new List<NotedEvent[]>();
        var token = first.Text("nextPageToken");
        do
        {
            var page = (await trace.ReadAsync(token, pageSize: 3)).Expect(HttpStatusCode.OK);
            Assert.Equal(0, page.Number("lost"));
            pages.Add(NotedEvent.AllOf(page));
            token = page.Text("nextPageToken");
        }
        while (pages[^1].Length > 0);

        Assert.Equal([3, 3, 1, 0], pages.Select(static page => page.Length));
        Assert.Equal(["t/0", "t/1", "t/2", "t/3", "t/4", "", ""], pages.SelectMany(static page => page).Select(static noted => noted.Topic));

        await client.PublishAsync("t/new", "x");
        await client.PingAsync();
        var next = await Deadline.UntilAsync(() => trace.ReadAsync(token), static page => NotedEvent.AllOf(page).Length == 3, "what is new is shown");
        Assert.Equal(["t/new", "", ""], NotedEvent.AllOf(next).Select(static noted => noted.Topic));
    }

    // The trace goes on; what had been noted is gone with the process.
    [Fact]
    public async Task Trace_SurvivesTheGatewaysProcess_AndIsReadOnWithAnEarlierToken()
    {
        await using var own = await GatewayProcess.StartAsync();
        var device = await own.Api.CreateDeviceAsync();
        await using var trace = await own.Api.TraceAsync(new { clientId = device.Name });
        await using (var client = await RawClient.ConnectAsync(own.Mqtt, device.Connect()))
        {
            await client.PingAsync();
        }

        await trace.UntilAsync(static noted => noted.Step == "CLOSED", "the end of the connection");
        var token = (await trace.ReadAsync()).Text("nextPageToken");

        own.Kill();
        await own.StartAsync();
        await using var again = await RawClient.ConnectAsync(own.Mqtt, device.Connect());

        var next = await Deadline.UntilAsync(() => trace.ReadAsync(token), static page => NotedEvent.AllOf(page).Length == 2, "what is new is shown");
        Assert.Equal(["RECEIVED CONNECT", "SENT CONNACK Success"], NotedEvent.AllOf(next).Select(static noted => noted.Summary));
    }

    [Fact]
    public async Task Trace_ThatIsStopped_IsGone()
    {
        await using var trace = await Api.TraceAsync(new { clientId = "nobody" });
        Assert.Contains(trace.Id, await IdsAsync());

        (await trace.StopAsync()).Expect(HttpStatusCode.NoContent);

        Assert.DoesNotContain(trace.Id, await IdsAsync());
        (await trace.ReadAsync()).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await trace.StopAsync()).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Trace_EndsByItself()
    {
        await using var trace = await Api.TraceAsync(new { clientId = "nobody", duration = "1s" });
        Assert.Equal(TimeSpan.FromSeconds(1), TimeOf(trace.Started, "endsAt") - TimeOf(trace.Started, "startedAt"));

        await Deadline.UntilAsync(() => trace.ReadAsync(), static answer => answer.Status == HttpStatusCode.NotFound, "the trace is over");

        Assert.True(DateTimeOffset.UtcNow >= TimeOf(trace.Started, "endsAt"), "The trace ended before its time.");
        (await trace.StopAsync()).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Trace_ThatIsGivenNoDuration_IsForTenMinutes()
    {
        await using var trace = await Api.TraceAsync(new { topicFilter = "a/+/#" });
        Assert.Equal(TimeSpan.FromMinutes(10), TimeOf(trace.Started, "endsAt") - TimeOf(trace.Started, "startedAt"));
        Assert.Equal(("", "", "", "", "a/+/#"), (
            trace.Started.Text("clientId"), trace.Started.Text("productKey"), trace.Started.Text("deviceName"), trace.Started.Text("address"), trace.Started.Text("topicFilter")));
    }

    [Fact]
    public async Task Trace_BeyondTheEighth_IsRefused()
    {
        var traces = new List<RunningTrace>();
        try
        {
            while (traces.Count < 8)
            {
                traces.Add(await Api.TraceAsync(new { clientId = "nobody" }));
            }

            (await Api.PostAsync("/v1/traces", new { clientId = "nobody" })).Expect(HttpStatusCode.TooManyRequests, "RESOURCE_EXHAUSTED");
            (await traces[0].StopAsync()).Expect(HttpStatusCode.NoContent);
            traces.Add(await Api.TraceAsync(new { clientId = "nobody" }));
        }
        finally
        {
            foreach (var trace in traces)
            {
                await trace.DisposeAsync();
            }
        }
    }

    [Theory]
    [InlineData("{}", "topicFilter")]
    [InlineData("""{"clientId":"c","topicFilter":"t"}""", "topicFilter")]
    [InlineData("""{"clientId":"c","productKey":"p","deviceName":"d"}""", "clientId")]
    [InlineData("""{"productKey":"p"}""", "deviceName")]
    [InlineData("""{"deviceName":"d"}""", "productKey")]
    [InlineData("""{"address":"somewhere"}""", "address")]
    [InlineData("""{"topicFilter":"a/#/b"}""", "topicFilter")]
    [InlineData("""{"topicFilter":"a+"}""", "topicFilter")]
    [InlineData("""{"clientId":"\u0000"}""", "clientId")]
    [InlineData("""{"clientId":"c","duration":"0s"}""", "duration")]
    [InlineData("""{"clientId":"c","duration":"3601s"}""", "duration")]
    [InlineData("""{"clientId":"c","duration":"-1s"}""", "duration")]
    public async Task Trace_WithAWrongField_IsRefusedByItsName(string body, string field)
    {
        var answer = (await Api.PostAsync("/v1/traces", JsonSerializer.Deserialize<JsonElement>(body))).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        Assert.Contains(field, answer.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pageSize=1001", "pageSize")]
    [InlineData("pageSize=-1", "pageSize")]
    [InlineData("pageToken=nonsense", "pageToken")]
    [InlineData("pageToken=g%3D0", "pageToken")]
    public async Task Events_ReadWithAWrongField_AreRefusedByItsName(string query, string field)
    {
        await using var trace = await Api.TraceAsync(new { clientId = "nobody" });
        var answer = (await Api.GetAsync($"/v1/traces/{trace.Id}/events?{query}")).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        Assert.Contains(field, answer.Text("message"), StringComparison.Ordinal);
    }

    private static async Task AssertNoPayloadAsync(RunningTrace trace)
    {
        var text = $"{await trace.ReadAsync()}";
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("payloads-are-nobodys"u8)[..24], text, StringComparison.Ordinal);
    }

    private static ConnectPacket WithAliases(Device device) => new()
    {
        ClientId = device.Name,
        CleanStart = true,
        UserName = device.UserName,
        Password = device.Password,
        TopicAliasMaximum = 4,
    };

    private static DateTimeOffset TimeOf(Answer answer, string field) => DateTimeOffset.Parse(answer.Text(field), CultureInfo.InvariantCulture);

    private async Task<string[]> IdsAsync() => [.. (await Api.GetAsync("/v1/traces")).Expect(HttpStatusCode.OK).Items("traces").Select(static trace => Answer.TextOf(trace, "traceId"))];
}
