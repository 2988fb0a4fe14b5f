using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Registry;

/// <summary>Products and devices over REST.</summary>
public sealed class RegistryTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Product_Created_IsShown()
    {
        var productKey = RestApi.NewKey("p");

        var created = (await Api.PostAsync("/v1/products", new { productKey, name = "Lamps" })).Expect(HttpStatusCode.Created);

        Assert.Equal((productKey, "Lamps", true, false), (created.Text("productKey"), created.Text("name"), created.Flag("enabled"), created.Flag("openRegistration")));
        Assert.True(created.Has("createdAt"));
        var shown = (await Api.GetAsync($"/v1/products/{productKey}")).Expect(HttpStatusCode.OK);
        Assert.Equal(created.Body.ToString(), shown.Body.ToString());
    }

    [Fact]
    public async Task Product_WithoutKey_IsGivenOne() => Assert.NotEmpty((await Api.PostAsync("/v1/products", new { name = "x" })).Expect(HttpStatusCode.Created).Text("productKey"));

    [Fact]
    public async Task Product_CreatedTwice_AlreadyExists() =>
        (await Api.PostAsync("/v1/products", new { productKey = await Api.CreateProductAsync() })).Expect(HttpStatusCode.Conflict, "ALREADY_EXISTS");

    [Fact]
    public async Task Product_OfMalformedKey_IsRefused() =>
        (await Api.PostAsync("/v1/products", new { productKey = "a b" })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");

    [Fact]
    public async Task Product_Unknown_IsNotFound() => (await Api.GetAsync($"/v1/products/{RestApi.NewKey("no")}")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

    [Fact]
    public async Task Product_DisabledAndEnabled_ShowsIt()
    {
        var productKey = await Api.CreateProductAsync();

        Assert.False((await Api.PostAsync($"/v1/products/{productKey}:disable")).Expect(HttpStatusCode.OK).Flag("enabled"));
        Assert.False((await Api.GetAsync($"/v1/products/{productKey}")).Flag("enabled"));
        Assert.True((await Api.PostAsync($"/v1/products/{productKey}:enable")).Expect(HttpStatusCode.OK).Flag("enabled"));
    }

    [Fact]
    public async Task Product_WithDevices_IsNotDeletedBeforeThem()
    {
        var device = await Api.CreateDeviceAsync();
        var path = $"/v1/products/{device.ProductKey}";

        (await Api.DeleteAsync(path)).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");
        (await Api.DeleteAsync(RestApi.PathOf(device))).Expect(HttpStatusCode.NoContent);
        (await Api.DeleteAsync(path)).Expect(HttpStatusCode.NoContent);
        (await Api.GetAsync(path)).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Products_ByPages_ComeInOrderAndOnce()
    {
        for (var i = 0; i < 5; i++)
        {
            await Api.CreateProductAsync();
        }

        var keys = await AllAsync("/v1/products", "products", "productKey", pageSize: 2);

        Assert.True(keys.Count >= 5);
        Assert.Equal(keys.Distinct().Order(StringComparer.Ordinal), keys);
    }

    [Fact]
    public async Task Device_Created_ShowsItsSecretOnceOnly()
    {
        var productKey = await Api.CreateProductAsync();

        var created = (await Api.PostAsync($"/v1/products/{productKey}/devices", new { deviceName = "lamp-1" })).Expect(HttpStatusCode.Created);

        Assert.Equal("lamp-1", created.Text("deviceName"));
        Assert.NotEmpty(created.Text("deviceSecret"));
        var shown = (await Api.GetAsync($"/v1/products/{productKey}/devices/lamp-1")).Expect(HttpStatusCode.OK);
        Assert.Equal("", shown.Text("deviceSecret"));
        Assert.True(shown.Flag("enabled"));
        Assert.False(shown.Flag("online"));
        (await Api.PostAsync($"/v1/products/{productKey}/devices", new { deviceName = "lamp-1" })).Expect(HttpStatusCode.Conflict, "ALREADY_EXISTS");
    }

    [Fact]
    public async Task Device_OfUnknownProduct_IsNotFound() =>
        (await Api.PostAsync($"/v1/products/{RestApi.NewKey("no")}/devices", new { deviceName = "x" })).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

    [Theory]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a+")]
    [InlineData("a&b")]
    public async Task Device_OfMalformedName_IsRefused(string deviceName) =>
        (await Api.PostAsync($"/v1/products/{await Api.CreateProductAsync()}/devices", new { deviceName })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");

    [Theory]
    [InlineData("a\0b")]
    [InlineData("123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789")]
    public async Task Product_WithANameThatCanNotBeKept_IsRefused(string name) =>
        (await Api.PostAsync("/v1/products", new { name })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");

    [Fact]
    public async Task Devices_CreatedAsABatch_AreAllOrNone()
    {
        var taken = await Api.CreateDeviceAsync();
        var path = $"/v1/products/{taken.ProductKey}/devices";

        (await Api.PostAsync($"{path}:batchCreate", new { deviceNames = new[] { "new", taken.Name } })).Expect(HttpStatusCode.Conflict, "ALREADY_EXISTS");

        (await Api.GetAsync($"{path}/new")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Devices_CreatedAsABatch_HaveSecretsOfTheirOwnThatWork()
    {
        var devices = await Api.CreateDevicesAsync(1_000);

        Assert.Equal(1_000, devices.Select(static d => d.Secret).Distinct().Count());
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[999].Connect());
    }

    [Fact]
    public async Task Devices_MoreThanABatchHolds_AreRefused()
    {
        var deviceNames = Enumerable.Range(0, 1_001).Select(static i => $"d{i}");

        (await Api.PostAsync($"/v1/products/{await Api.CreateProductAsync()}/devices:batchCreate", new { deviceNames })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
    }

    [Fact]
    public async Task Devices_ByPages_ComeInOrderAndOnce()
    {
        var devices = await Api.CreateDevicesAsync(25);

        var names = await AllAsync($"/v1/products/{devices[0].ProductKey}/devices", "devices", "deviceName", pageSize: 10);

        Assert.Equal(devices.Select(static d => d.Name).Order(StringComparer.Ordinal), names);
    }

    [Theory]
    [InlineData("pageSize=1001")]
    [InlineData("pageSize=-1")]
    [InlineData("pageSize=x")]
    public async Task Devices_ByAWrongPage_AreRefused(string query) =>
        (await Api.GetAsync($"/v1/products/demo/devices?{query}")).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311, "MQTT 3.1.1")]
    [InlineData(ProtocolVersion.Mqtt500, "MQTT 5.0")]
    public async Task Device_Online_ShowsItsConnection(ProtocolVersion version, string protocol)
    {
        var device = await Api.CreateDeviceAsync();
        var earliest = DateTimeOffset.UtcNow.AddSeconds(-1);
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version));

        var online = await Api.DeviceAsync(device);
        Assert.True(online.Flag("online"));
        Assert.NotEmpty(online.Text("gatewayId"));
        Assert.Equal(protocol, online.Text("protocol"));
        Assert.Equal(client.LocalEndPoint.ToString(), online.Text("clientAddress"));
        Assert.True(online.Body.GetProperty("since").GetDateTimeOffset() > earliest);
        Assert.True(online.Body.GetProperty("lastSeen").GetDateTimeOffset() > earliest);

        await client.DisconnectAsync();
        var offline = await Api.UntilOnlineAsync(device, online: false);
        Assert.Equal("", offline.Text("gatewayId"));
        Assert.True(offline.Body.GetProperty("since").GetDateTimeOffset() >= online.Body.GetProperty("since").GetDateTimeOffset());
    }

    [Fact]
    public async Task Device_Aborted_BecomesOffline()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());

        client.Abort();

        await Api.UntilOnlineAsync(device, online: false);
    }

    [Fact]
    public async Task Device_Deleted_EndsItsWaitingMessagesAndIsUnknown()
    {
        var device = await Api.CreateDeviceAsync();
        var waiting = await Api.SendMessageAsync(device, "too late");

        (await Api.DeleteAsync(RestApi.PathOf(device))).Expect(HttpStatusCode.NoContent);

        Assert.Equal("FAILED", (await Api.MessageAsync(device, waiting.MessageId)).MessageStatus);
        (await Api.DeviceAsync(device)).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await Api.DeleteAsync(RestApi.PathOf(device))).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await Api.TrySendMessageAsync(device, "x")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Device_RegisteredAgainAfterItsDeletion_BeginsAnew()
    {
        var device = await Api.CreateDeviceAsync();
        await Api.SendMessageAsync(device, "to the one before");
        (await Api.DeleteAsync(RestApi.PathOf(device))).Expect(HttpStatusCode.NoContent);

        var created = await Api.PostAsync($"/v1/products/{device.ProductKey}/devices", new { deviceName = device.Name });

        var again = device with { Secret = created.Expect(HttpStatusCode.Created).Text("deviceSecret") };
        Assert.NotEqual(device.Secret, again.Secret);
        await Assert.ThrowsAsync<ConnectRefusedException>(() => RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect()));
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, again.Connect());
        await Api.SendMessageAsync(again, "to the new one");
        Assert.Equal("to the new one", (await client.ReceiveAsync("the message")).Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong-0123456789abcdef")]
    public async Task Call_WithoutTheRightKey_IsUnauthenticated(string? key)
    {
        using var stranger = new RestApi(gateway.Process.HttpAddress, key);

        (await stranger.GetAsync("/v1/products")).Expect(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
        (await stranger.PostAsync("/v1/products", new { productKey = "x" })).Expect(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
        (await stranger.BroadcastAsync("demo", "x")).Expect(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
    }

    private async Task<List<string>> AllAsync(string path, string items, string name, int pageSize)
    {
        var all = new List<string>();
        var token = "";
        do
        {
            var page = (await Api.GetAsync($"{path}?pageSize={pageSize}&pageToken={token}")).Expect(HttpStatusCode.OK);
            Assert.InRange(page.Items(items).Length, 0, pageSize);
            all.AddRange(page.Items(items).Select(item => Answer.TextOf(item, name)));
            token = page.Text("nextPageToken");
        }
        while (token.Length > 0);
        return all;
    }
}
