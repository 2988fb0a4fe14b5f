using System.Net;
using System.Text.Json;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>What a product says of its messages, how they are ended on wish, and how their life is read.</summary>
public sealed class MessageLifeTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Policy_ThatRefuses_RefusesOneMore()
    {
        var device = await DeviceWithAsync(new { openMax = 2 });
        await Api.SendMessageAsync(device, "one");
        await Api.SendMessageAsync(device, "two");

        (await Api.TrySendMessageAsync(device, "three")).Expect(HttpStatusCode.TooManyRequests, "RESOURCE_EXHAUSTED");
    }

    [Fact]
    public async Task Policy_ThatDropsTheOldest_EndsItAsFailed()
    {
        var device = await DeviceWithAsync(new { openMax = 2, whenFull = "DROP_OLDEST" });
        var first = await Api.SendMessageAsync(device, "one");
        await Api.SendMessageAsync(device, "two");
        await Api.SendMessageAsync(device, "three");

        Assert.NotEmpty((await Api.UntilMessageIsAsync(device, first.MessageId, "FAILED")).Text("reason"));
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        Assert.Equal(["two", "three"], (await client.ReceiveAsync(2, "what has not been dropped")).Select(static message => message.Text));
    }

    [Fact]
    public async Task Policy_IsShownWithItsProduct_AndIsTakenBack()
    {
        var productKey = await Api.CreateProductAsync();
        var path = $"/v1/products/{productKey}";
        (await Api.PostAsync($"{path}:setMessagePolicy", new { messagePolicy = new { resendInterval = "1.500s", roundsMax = 0 } })).Expect(HttpStatusCode.OK);
        var policy = (await Api.GetAsync(path)).Expect(HttpStatusCode.OK).Body.GetProperty("messagePolicy");
        Assert.Equal(("1.500s", 0), (policy.GetProperty("resendInterval").GetString(), policy.GetProperty("roundsMax").GetInt32()));

        (await Api.PostAsync($"{path}:setMessagePolicy", new { })).Expect(HttpStatusCode.OK);
        Assert.False((await Api.GetAsync(path)).Has("messagePolicy"));
    }

    [Theory]
    [InlineData("""{"openMax":0}""")]
    [InlineData("""{"openMax":10001}""")]
    [InlineData("""{"openBytesMax":"0"}""")]
    [InlineData("""{"whenFull":7}""")]
    [InlineData("""{"resendInterval":"0.05s"}""")]
    [InlineData("""{"resendInterval":"-1s"}""")]
    [InlineData("""{"roundInterval":"3601s"}""")]
    [InlineData("""{"resendsPerSeries":101}""")]
    [InlineData("""{"roundsMax":-1}""")]
    public async Task Policy_OutOfBounds_IsInvalid_AndChangesNothing(string policy)
    {
        var productKey = await Api.CreateProductAsync();
        var answer = await Api.PostAsync($"/v1/products/{productKey}:setMessagePolicy", new { messagePolicy = JsonDocument.Parse(policy).RootElement });
        answer.Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        Assert.False((await Api.GetAsync($"/v1/products/{productKey}")).Has("messagePolicy"));
    }

    [Fact]
    public async Task Policy_OfAnUnknownProduct_IsNotFound() =>
        (await Api.PostAsync("/v1/products/nowhere:setMessagePolicy", new { })).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

    [Fact]
    public async Task Cancel_EndsWhatWaits_Once()
    {
        var device = await Api.CreateDeviceAsync();
        var waiting = await Api.SendMessageAsync(device, "never");
        await Api.SendMessageAsync(device, "still");
        var path = $"{RestApi.PathOf(device)}/messages/{waiting.MessageId}:cancel";

        var cancelled = (await Api.PostAsync(path)).Expect(HttpStatusCode.OK);

        Assert.Equal(("FAILED", "Cancelled."), (cancelled.MessageStatus, cancelled.Text("reason")));
        (await Api.PostAsync(path)).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");
        (await Api.PostAsync($"{RestApi.PathOf(device)}/messages/none:cancel")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        Assert.Equal("still", (await client.ReceiveAsync("what was not cancelled")).Text);
    }

    [Fact]
    public async Task Purge_EndsAllThatWait()
    {
        var device = await Api.CreateDeviceAsync();
        var waiting = new[] { await Api.SendMessageAsync(device, "one"), await Api.SendMessageAsync(device, "two") };

        Assert.Equal(2, (await Api.PostAsync($"{RestApi.PathOf(device)}/messages:purge")).Expect(HttpStatusCode.OK).Number("purged"));

        foreach (var message in waiting)
        {
            Assert.Equal("FAILED", (await Api.MessageAsync(device, message.MessageId)).MessageStatus);
        }

        (await Api.PostAsync($"/v1/products/{device.ProductKey}/devices/nobody/messages:purge")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Transitions_TellAMessagesLife()
    {
        var device = await DeviceWithAsync(new { resendInterval = "0.200s", resendsPerSeries = 2 });
        var accepted = await Api.SendMessageAsync(device, "again");
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(ProtocolVersionOfResends), acknowledges: false);
        var copies = await client.ReceiveAsync(3, "the message and its copies");

        client.Acknowledge(copies[^1]);

        var transitions = (await Api.UntilMessageIsAsync(device, accepted.MessageId, "DELIVERED")).Body.GetProperty("transitions").EnumerateArray().ToArray();
        Assert.Equal(["PENDING", "SENT", "SENT", "SENT", "DELIVERED"], transitions.Select(static step => step.GetProperty("status").GetString()));
        Assert.Equal(transitions.Select(static step => step.GetProperty("at").GetDateTimeOffset()).Order(), transitions.Select(static step => step.GetProperty("at").GetDateTimeOffset()));
    }

    [Fact]
    public async Task ListOfAProduct_HasItsMessagesOfAStatus_PageByPage()
    {
        var devices = await Api.CreateDevicesAsync(3, await Api.CreateProductAsync());
        foreach (var device in devices)
        {
            await Api.SendMessageAsync(device, "waits");
            await Api.PostAsync($"{RestApi.PathOf(device)}/messages/{(await Api.SendMessageAsync(device, "cancelled")).MessageId}:cancel");
        }

        var path = $"/v1/products/{devices[0].ProductKey}/messages";
        Assert.Equal(devices.Select(static device => device.Name).Order(StringComparer.Ordinal), await PagesAsync($"{path}?status=PENDING&pageSize=2"));
        Assert.Equal(3, (await PagesAsync($"{path}?status=FAILED&pageSize=1")).Count);
        Assert.Equal(6, (await PagesAsync(path)).Count);
        (await Api.GetAsync("/v1/products/nowhere/messages")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await Api.GetAsync($"{path}?pageToken=x")).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
    }

    // [MQTT-4.4.0-1] A 5.0 client gets no copies on one connection.
    private static Mqtt.ProtocolVersion ProtocolVersionOfResends => Mqtt.ProtocolVersion.Mqtt311;

    private async Task<List<string>> PagesAsync(string path)
    {
        var names = new List<string>();
        for (var token = ""; ;)
        {
            var page = (await Api.GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}pageToken={token}")).Expect(HttpStatusCode.OK);
            names.AddRange(page.Body.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("deviceName").GetString()!));
            if (page.Text("nextPageToken") is not { Length: > 0 } next)
            {
                return names;
            }

            token = Uri.EscapeDataString(next);
        }
    }

    private async Task<Device> DeviceWithAsync(object policy)
    {
        var device = await Api.CreateDeviceAsync(await Api.CreateProductAsync());
        (await Api.PostAsync($"/v1/products/{device.ProductKey}:setMessagePolicy", new { messagePolicy = policy })).Expect(HttpStatusCode.OK);
        return device;
    }
}
