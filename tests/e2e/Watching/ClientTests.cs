using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Watching;

/// <summary>Clients as the API shows them, and how they are sent away.</summary>
public sealed class ClientTests(ProductionGateway gateway) : IClassFixture<ProductionGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Client_Of500_IsShownWithItsSubscriptionsAndCounts()
    {
        var device = await Api.CreateDeviceAsync();
        var before = DateTimeOffset.UtcNow;
        var (stream, client) = await ConnectAsync(device.Connect(clientId: "my-client", sessionExpiry: 600));
        await using var _ = client;
        client.Acknowledges = false;
        await client.SubscribeAsync(device.Topic("up/#"), new SubscriptionOptions(QoS.AtLeastOnce, RetainAsPublished: true), identifier: 7);
        await client.SubscribeAsync(device.Topic("no/local"), new SubscriptionOptions(QoS.ExactlyOnce, NoLocal: true));
        await client.PublishAsync(device.Topic("up/1"), "unacknowledged", QoS.AtLeastOnce);
        var unacknowledged = await client.ReceiveAsync("the first message");
        await client.PublishAsync(device.Topic("up/2"), "fleeting");
        await client.ReceiveAsync("the second message");
        Assert.Equal(ReasonCode.NotAuthorized, await client.PublishAsync("free/topic", "x", QoS.AtLeastOnce));
        await client.PingAsync();

        var shown = await Api.UntilClientAsync(device, HasCounted(stream), "all bytes are counted");
        Assert.Equal(
            (true, device.ProductKey, device.Name, "my-client", "MQTT 5.0", "600s"),
            (shown.Flag("connected"), shown.Text("productKey"), shown.Text("deviceName"), shown.Text("clientId"), shown.Text("protocol"), shown.Text("sessionExpiry")));
        Assert.Equal($"{stream.LocalEndPoint}", shown.Text("address"));
        Assert.InRange(TimeOf(shown, "connectedAt"), before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.False(shown.Has("sessionEndsAt"));
        Assert.NotEmpty(shown.Text("gatewayId"));
        Assert.True(shown.Number("connectionId") > 0);
        Assert.Equal(
            [(device.Topic("up/#"), 1, false, true, 7), (device.Topic("no/local"), 2, true, false, 0)],
            shown.Items("subscriptions").Select(SubscriptionOf));
        Assert.Equal((1, 1, 0), (shown.Number("inFlight"), shown.Number("queuedMessages"), shown.Number("pendingBytes")));
        Assert.Equal((3, 2), (shown.Number("messagesReceived"), shown.Number("messagesSent")));
        Assert.Equal([("not_permitted", 1)], DropsOf(shown.Body));

        client.Acknowledge(unacknowledged);
        await Api.UntilClientAsync(device, static shown => shown.Number("inFlight") == 0 && shown.Number("queuedMessages") == 0, "nothing is in flight");
    }

    [Fact]
    public async Task Client_Of311_IsShownWithItsSubscriptionsAndCounts()
    {
        var device = await Api.CreateDeviceAsync();
        var (stream, client) = await ConnectAsync(device.Connect(ProtocolVersion.Mqtt311));
        await using var _ = client;
        await client.SubscribeAsync(device.Topic("up"), QoS.ExactlyOnce);
        await client.PublishAsync(device.Topic("up"), "certain", QoS.ExactlyOnce);
        await client.ReceiveAsync("the message");

        // 3.1.1 has no way to say no to it.
        await client.PublishAsync("free/topic", "x");
        await client.PingAsync();

        var shown = await Api.UntilClientAsync(device, HasCounted(stream), "all bytes are counted");
        Assert.Equal((true, device.Name, "MQTT 3.1.1"), (shown.Flag("connected"), shown.Text("clientId"), shown.Text("protocol")));
        Assert.False(shown.Has("sessionExpiry"));
        Assert.Equal([(device.Topic("up"), 2, false, false, 0)], shown.Items("subscriptions").Select(SubscriptionOf));
        Assert.Equal((2, 1), (shown.Number("messagesReceived"), shown.Number("messagesSent")));
        Assert.Equal([("not_permitted", 1)], DropsOf(shown.Body));
        await Api.UntilClientAsync(device, static shown => shown.Number("inFlight") == 0, "the message is acknowledged");
    }

    [Fact]
    public async Task Client_ThatIsAway_IsShownWithWhatWaitsForIt()
    {
        var devices = await Api.CreateDevicesAsync(2);
        (await Api.PostAsync(
            $"/v1/products/{devices[0].ProductKey}:setTopicPermissions",
            new { topicPermissions = new[] { new { filter = "/${productKey}/+/cmd", access = "PUBLISH" } } })).Expect(HttpStatusCode.OK);
        await using (var away = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect(clientId: "away", sessionExpiry: 600)))
        {
            await away.SubscribeAsync(devices[0].Topic("cmd"), new SubscriptionOptions(QoS.AtLeastOnce), identifier: 9);
            await away.DisconnectAsync();
        }

        var left = DateTimeOffset.UtcNow;
        await Api.UntilOnlineAsync(devices[0], online: false);
        await using var publisher = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect());
        await publisher.PublishAsync(devices[0].Topic("cmd"), new string('a', 1_000), QoS.AtLeastOnce);
        await publisher.PublishAsync(devices[0].Topic("cmd"), new string('b', 1_000), QoS.AtLeastOnce);

        var shown = await Api.UntilClientAsync(devices[0], static shown => shown.Number("queuedMessages") == 2, "two messages wait");
        Assert.False(shown.Flag("connected"));
        Assert.Equal((devices[0].ProductKey, devices[0].Name), (shown.Text("productKey"), shown.Text("deviceName")));
        Assert.InRange(shown.Number("queuedBytes"), 2_000, 3_000);
        Assert.InRange(TimeOf(shown, "sessionEndsAt"), left.AddSeconds(590), DateTimeOffset.UtcNow.AddSeconds(601));
        Assert.Equal([(devices[0].Topic("cmd"), 1, false, false, 9)], shown.Items("subscriptions").Select(SubscriptionOf));
        Assert.False(shown.Has("connectedAt"));
    }

    [Fact]
    public async Task Client_ThatHasNeitherConnectionNorSession_IsNotFound()
    {
        var device = await Api.CreateDeviceAsync();
        (await Api.ClientAsync(device)).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await Api.ClientAsync(device with { Name = "nobody" })).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await Api.KickAsync(device)).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

        await using (var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect()))
        {
            (await Api.ClientAsync(device)).Expect(HttpStatusCode.OK);
            await client.DisconnectAsync();
        }

        await Api.UntilClientAsync(device, static answer => answer.Status == HttpStatusCode.NotFound, "is gone");

        // Its gateway knows it a moment before its grain does.
        await Deadline.UntilAsync(() => Api.KickAsync(device), static answer => answer.Status == HttpStatusCode.NotFound, "there is nobody to kick");
    }

    [Theory]
    [InlineData("/v1/products/a%20b/devices/d/client", "productKey")]
    [InlineData("/v1/products/p/devices/a%20b/client", "deviceName")]
    [InlineData("/v1/clients?pageToken=nonsense", "pageToken")]
    [InlineData("/v1/clients?pageToken=a%20b/d", "pageToken")]
    [InlineData("/v1/clients?pageToken=p/", "pageToken")]
    [InlineData("/v1/clients?pageSize=1001", "pageSize")]
    [InlineData("/v1/clients?pageSize=-1", "pageSize")]
    [InlineData("/v1/clients?productKey=a%20b", "productKey")]
    [InlineData("/v1/clients:slow?pageSize=1001", "pageSize")]
    [InlineData("/v1/clients:slow?productKey=a%20b", "productKey")]
    public async Task Request_WithAWrongField_IsRefusedByItsName(string path, string field)
    {
        var answer = (await Api.GetAsync(path)).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        Assert.Contains(field, answer.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_AreListedInTheOrderOfTheirNames_PageByPage()
    {
        var devices = await Api.CreateDevicesAsync(5);
        var others = await Api.CreateDevicesAsync(2);
        var clients = new List<RawClient>();
        foreach (var device in devices.Reverse().Concat(others))
        {
            clients.Add(await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect()));
        }

        var pages = await PagesAsync($"productKey={devices[0].ProductKey}&pageSize=2");
        Assert.Equal([2, 2, 1], pages.Select(static page => page.Length));
        Assert.Equal(devices.Select(static device => device.Name).Order(StringComparer.Ordinal), pages.SelectMany(static page => page));

        // Where the last page is full, there is none behind it.
        Assert.Equal([5], (await PagesAsync($"productKey={devices[0].ProductKey}&pageSize=5")).Select(static page => page.Length));

        var all = (await Api.GetAsync("/v1/clients?pageSize=1000")).Expect(HttpStatusCode.OK);
        string[] keys = [.. all.Items("clients").Select(static client => $"{Answer.TextOf(client, "productKey")} {Answer.TextOf(client, "deviceName")}")];
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        Assert.Superset(devices.Concat(others).Select(static device => $"{device.ProductKey} {device.Name}").ToHashSet(), keys.ToHashSet());
        Assert.Empty(all.Items("unreachableGatewayIds"));

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500, ReasonCode.AdministrativeAction)]
    [InlineData(ProtocolVersion.Mqtt311, null)]
    public async Task Kick_ClosesTheConnectionAndPublishesTheWill_AndTheClientMayComeBack(ProtocolVersion version, ReasonCode? reason)
    {
        var device = await Api.CreateDeviceAsync();
        var productKey = device.ProductKey;
        (await Api.PostAsync(
            $"/v1/products/{productKey}:setTopicPermissions",
            new { topicPermissions = new[] { new { filter = "wills/${productKey}", access = "PUBLISH_AND_SUBSCRIBE" } } })).Expect(HttpStatusCode.OK);
        var watcher = await Api.CreateDeviceAsync(productKey);
        await using var watching = await RawClient.ConnectAsync(gateway.Process.Mqtt, watcher.Connect());
        Assert.Equal(ReasonCode.GrantedQoS1, await watching.SubscribeAsync($"wills/{productKey}", QoS.AtLeastOnce));
        var will = new WillMessage { Topic = $"wills/{productKey}", Payload = "gone"u8.ToArray(), QoS = QoS.AtLeastOnce };
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version, will: will));

        (await Api.KickAsync(device)).Expect(HttpStatusCode.OK);

        Assert.Equal(reason, await client.ClosedAsync("the close of a client that is sent away"));
        Assert.Equal("gone", (await watching.ReceiveAsync("the will")).Text);
        await Api.UntilClientAsync(device, static answer => answer.Status == HttpStatusCode.NotFound, "is gone");
        await using var again = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version));
        Assert.True((await Api.ClientAsync(device)).Flag("connected"));
        await watching.PingAsync();
        Assert.Equal(0, watching.Waiting);
    }

    [Fact]
    public async Task Kick_OfAClientWithAKeptSession_LeavesTheSession()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(sessionExpiry: 600));
        await client.SubscribeAsync(device.Topic("own"), QoS.AtLeastOnce);

        (await Api.KickAsync(device)).Expect(HttpStatusCode.OK);

        Assert.Equal(ReasonCode.AdministrativeAction, await client.ClosedAsync("the close of a client that is sent away"));
        var shown = await Api.UntilClientAsync(device, static answer => answer.Has("sessionEndsAt"), "its session waits for it");
        Assert.False(shown.Flag("connected"));
        await using var again = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(cleanStart: false, sessionExpiry: 600));
        Assert.True(again.ConnAck!.SessionPresent);
    }

    internal static (string Reason, long Count)[] DropsOf(JsonElement client) =>
        client.TryGetProperty("dropped", out var dropped)
            ? [.. dropped.EnumerateObject().Select(static drop => (drop.Name, long.Parse(drop.Value.GetString()!, CultureInfo.InvariantCulture)))]
            : [];

    private static (string Filter, long QoS, bool NoLocal, bool RetainAsPublished, long Identifier) SubscriptionOf(JsonElement subscription) => (
        Answer.TextOf(subscription, "filter"),
        Answer.NumberOf(subscription, "qos"),
        FlagOf(subscription, "noLocal"),
        FlagOf(subscription, "retainAsPublished"),
        Answer.NumberOf(subscription, "identifier"));

    private static bool FlagOf(JsonElement body, string field) => body.TryGetProperty(field, out var value) && value.GetBoolean();

    private static DateTimeOffset TimeOf(Answer answer, string field) => DateTimeOffset.Parse(answer.Text(field), CultureInfo.InvariantCulture);

    private static Predicate<Answer> HasCounted(CountingStream stream) =>
        shown => (shown.Number("bytesReceived"), shown.Number("bytesSent")) == (stream.BytesWritten, stream.BytesRead);

    private async Task<(CountingStream Stream, RawClient Client)> ConnectAsync(ConnectPacket connect)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await Deadline.WithinAsync(socket.ConnectAsync(gateway.Process.Mqtt), "a TCP connection");
        var stream = new CountingStream(new NetworkStream(socket, ownsSocket: true), socket.LocalEndPoint!);
        return (stream, await RawClient.ConnectAsync(stream, connect));
    }

    private async Task<List<string[]>> PagesAsync(string query)
    {
        var pages = new List<string[]>();
        for (var token = ""; pages.Count == 0 || token.Length > 0;)
        {
            var page = (await Api.GetAsync($"/v1/clients?{query}&pageToken={Uri.EscapeDataString(token)}")).Expect(HttpStatusCode.OK);
            pages.Add([.. page.Items("clients").Select(static client => Answer.TextOf(client, "deviceName"))]);
            token = page.Text("nextPageToken");
        }

        return pages;
    }
}
