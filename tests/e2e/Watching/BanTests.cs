using System.Globalization;
using System.Net;
using System.Text.Json;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Transport;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Watching;

/// <summary>Devices and addresses that may not log in for a time.</summary>
public sealed class BanTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500, ReasonCode.AdministrativeAction, ReasonCode.Banned)]
    [InlineData(ProtocolVersion.Mqtt311, null, ReasonCode.NotAuthorized)]
    public async Task Device_ThatIsBanned_IsDisconnectedAndRefused_UntilThatIsLifted(ProtocolVersion version, ReasonCode? closed, ReasonCode refused)
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect(version));
        await using var other = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect(version));

        var ban = await Api.BanAsync(devices[0]);

        Assert.Equal(closed, await client.ClosedAsync("the close of a banned device"));
        Assert.Equal(refused, await LoginAsync(devices[0], version));
        await other.PingAsync();
        Assert.Equal(ReasonCode.Success, await LoginAsync(await Api.CreateDeviceAsync(), version));

        await Api.LiftAsync(ban);
        Assert.Equal(ReasonCode.Success, await LoginAsync(devices[0], version));
    }

    [Theory]
    [InlineData("127.0.0.1", ProtocolVersion.Mqtt500, false)]
    [InlineData("127.0.0.1", ProtocolVersion.Mqtt311, false)]
    [InlineData("127.0.0.0/8", ProtocolVersion.Mqtt500, true)]
    [InlineData("127.0.0.0/8", ProtocolVersion.Mqtt311, true)]
    [InlineData("127.0.0.0/31", ProtocolVersion.Mqtt500, false)]
    [InlineData("::ffff:127.0.0.1", ProtocolVersion.Mqtt500, false)]
    [InlineData("::ffff:127.0.0.0/104", ProtocolVersion.Mqtt500, true)]
    public async Task Address_ThatIsBanned_IsDisconnectedAndRefused_UntilThatIsLifted(string address, ProtocolVersion version, bool isOtherToo)
    {
        var devices = await Api.CreateDevicesAsync(3);
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect(version));
        await using var other = await RawClient.ConnectAsync(await Loopback.OpenAsync(gateway.Process.Mqtt, "127.0.0.2"), devices[1].Connect(version));

        var ban = await Api.BanAsync(address);
        try
        {
            Assert.Equal(version == ProtocolVersion.Mqtt500 ? ReasonCode.AdministrativeAction : null, await client.ClosedAsync("the close of a client at a banned address"));
            Assert.Equal(version == ProtocolVersion.Mqtt500 ? ReasonCode.Banned : ReasonCode.NotAuthorized, await LoginAsync(devices[2], version));
            if (isOtherToo)
            {
                await other.ClosedAsync("the close of another client in the banned network");
            }
            else
            {
                await other.PingAsync();
            }
        }
        finally
        {
            await Api.LiftAsync(ban);
        }

        Assert.Equal(ReasonCode.Success, await LoginAsync(devices[2], version));
    }

    [Fact]
    public async Task Ban_EndsByItself()
    {
        var device = await Api.CreateDeviceAsync();
        var ban = await Api.BanAsync(device, "3s");
        Assert.Equal(ReasonCode.Banned, await LoginAsync(device));

        await Deadline.UntilAsync(() => LoginAsync(device), static answer => answer == ReasonCode.Success, "the device may log in");

        Assert.True(DateTimeOffset.UtcNow >= TimeOf(ban, "endsAt"), "The ban ended before its time.");
        Assert.DoesNotContain(ban.Text("banId"), await IdsAsync());
        (await Api.DeleteAsync($"/v1/bans/{ban.Text("banId")}")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Ban_SurvivesTheGatewaysProcess()
    {
        await using var own = await GatewayProcess.StartAsync();
        var devices = await own.Api.CreateDevicesAsync(2);
        var ofDevice = await own.Api.BanAsync(devices[0], "600s", "testing: ü");
        var ofAddress = await own.Api.BanAsync("127.0.3.0/24", "600s");
        var before = await own.Api.GetAsync("/v1/bans");

        own.Kill();
        await own.StartAsync();

        Assert.Equal(ReasonCode.Banned, await LoginAsync(await RawClient.OpenAsync(own.Mqtt), devices[0]));
        Assert.Equal(ReasonCode.Banned, await LoginAsync(await Loopback.OpenClientAsync(own.Mqtt, "127.0.3.9"), devices[1]));
        Assert.Equal(ReasonCode.Success, await LoginAsync(await RawClient.OpenAsync(own.Mqtt), devices[1]));
        Assert.Equal($"{before}", $"{await own.Api.GetAsync("/v1/bans")}");
        await own.Api.LiftAsync(ofDevice);
        await own.Api.LiftAsync(ofAddress);
        Assert.Equal(ReasonCode.Success, await LoginAsync(await RawClient.OpenAsync(own.Mqtt), devices[0]));
        Assert.Empty((await own.Api.GetAsync("/v1/bans")).Items("bans"));
    }

    [Fact]
    public async Task Bans_AreListedLatestFirst_WithWhatTheyWereGiven()
    {
        var device = await Api.CreateDeviceAsync();
        var first = await Api.BanAsync(device, "60s", "because");
        var second = await Api.BanAsync("2001:db8::/32", "31536000s");

        string[] ids = await IdsAsync();
        Assert.True(Array.IndexOf(ids, second.Text("banId")) < Array.IndexOf(ids, first.Text("banId")), string.Join(' ', ids));
        Assert.Equal((device.ProductKey, device.Name, "", "because"), (first.Text("productKey"), first.Text("deviceName"), first.Text("address"), first.Text("reason")));
        Assert.Equal(TimeSpan.FromSeconds(60), TimeOf(first, "endsAt") - TimeOf(first, "createdAt"));
        Assert.Equal(("", "", "2001:db8::/32", ""), (second.Text("productKey"), second.Text("deviceName"), second.Text("address"), second.Text("reason")));
        Assert.Equal(TimeSpan.FromDays(365), TimeOf(second, "endsAt") - TimeOf(second, "createdAt"));
        await Api.LiftAsync(first);
        await Api.LiftAsync(second);
    }

    [Fact]
    public async Task Ban_OfWhoIsBannedAlready_TakesItsPlace()
    {
        var device = await Api.CreateDeviceAsync();
        var first = await Api.BanAsync(device, "600s", "first");
        var second = await Api.BanAsync(device, "60s", "second");

        Assert.Equal(first.Text("banId"), second.Text("banId"));
        var listed = (await Api.GetAsync("/v1/bans")).Items("bans").Where(ban => Answer.TextOf(ban, "deviceName") == device.Name);
        var ban = Assert.Single(listed);
        Assert.Equal(("second", second.Text("endsAt")), (Answer.TextOf(ban, "reason"), Answer.TextOf(ban, "endsAt")));
        await Api.LiftAsync(second);
        Assert.Equal(ReasonCode.Success, await LoginAsync(device));
    }

    [Theory]
    [InlineData("""{"productKey":"p","deviceName":"d","address":"192.0.2.1","duration":"60s"}""", "address")]
    [InlineData("""{"duration":"60s"}""", "address")]
    [InlineData("""{"productKey":"p","duration":"60s"}""", "deviceName")]
    [InlineData("""{"deviceName":"d","duration":"60s"}""", "productKey")]
    [InlineData("""{"productKey":"a b","deviceName":"d","duration":"60s"}""", "productKey")]
    [InlineData("""{"address":"somewhere","duration":"60s"}""", "address")]
    [InlineData("""{"address":"10.1.2","duration":"60s"}""", "address")]
    [InlineData("""{"address":"1","duration":"60s"}""", "address")]
    [InlineData("""{"address":"10.1.2.256","duration":"60s"}""", "address")]
    [InlineData("""{"address":"10.1.2.3/33","duration":"60s"}""", "address")]
    [InlineData("""{"address":"10.1.2.3:1883","duration":"60s"}""", "address")]
    [InlineData("""{"address":"2001:db8::/129","duration":"60s"}""", "address")]
    [InlineData("""{"address":"192.0.2.1","duration":"0s"}""", "duration")]
    [InlineData("""{"address":"192.0.2.1","duration":"0.999s"}""", "duration")]
    [InlineData("""{"address":"192.0.2.1","duration":"-60s"}""", "duration")]
    [InlineData("""{"address":"192.0.2.1","duration":"31622401s"}""", "duration")]
    [InlineData("""{"address":"192.0.2.1","duration":"315576000000s"}""", "duration")]
    [InlineData("""{"address":"192.0.2.1"}""", "duration")]
    [InlineData("""{"address":"192.0.2.1","duration":"a while"}""", "duration")]
    [InlineData("""{"address":"192.0.2.1","duration":"60s","reason":"REASON"}""", "reason")]
    public async Task Ban_WithAWrongField_IsRefusedByItsName(string body, string field)
    {
        var answer = await Api.PostAsync("/v1/bans", JsonSerializer.Deserialize<JsonElement>(body.Replace("REASON", new string('x', 129), StringComparison.Ordinal)));

        answer.Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        Assert.Contains(field, answer.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_OfAnUnknownBan_IsNotFound() => (await Api.DeleteAsync("/v1/bans/none")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

    private static DateTimeOffset TimeOf(Answer answer, string field) => DateTimeOffset.Parse(answer.Text(field), CultureInfo.InvariantCulture);

    private static async Task<ReasonCode> LoginAsync(RawClient client, Device device)
    {
        await using (client)
        {
            client.Send(device.Connect(client.Version));
            return (await client.ConnAckAsync()).ReasonCode;
        }
    }

    private async Task<ReasonCode> LoginAsync(Device device, ProtocolVersion version = ProtocolVersion.Mqtt500) =>
        await LoginAsync(await RawClient.OpenAsync(gateway.Process.Mqtt, version), device);

    private async Task<string[]> IdsAsync() => [.. (await Api.GetAsync("/v1/bans")).Items("bans").Select(static ban => Answer.TextOf(ban, "banId"))];
}
