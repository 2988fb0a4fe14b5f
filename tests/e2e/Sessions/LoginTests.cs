using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>Who is let in.</summary>
public sealed class LoginTests(DevelopmentGateway development, ProductionGateway production) : IClassFixture<DevelopmentGateway>, IClassFixture<ProductionGateway>
{
    private RestApi Api => development.Process.Api;

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Login_WithItsSecret_Succeeds(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect(version));

        Assert.False(client.ConnAck!.SessionPresent);
        await client.PingAsync();
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Login_WithWrongSecret_IsNotAuthorizedAndClosed(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();

        await AssertRefusedAsync(development, device.Connect(version, secret: device.Secret + "x"));
    }

    // As the SDKs of Alibaba Cloud IoT do it: their hexadecimal is of either case, and what stands between the bars in any order.
    [Theory]
    [InlineData("{0}|securemode=3,signmethod=hmacsha256,timestamp=2524608000000|", "clientId{0}deviceName{0}productKey{1}timestamp2524608000000", true)]
    [InlineData("{1}.{0}|timestamp=789,_v=sdk-c-3.0.1,securemode=2,signmethod=hmacsha1,lan=C,ext=0|", "clientId{1}.{0}deviceName{0}productKey{1}timestamp789", false)]
    [InlineData("{0}|securemode=2|", "clientId{0}deviceName{0}productKey{1}", false)]
    public async Task Login_ThatIsSigned_Succeeds(string clientId, string content, bool isUpper)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, Signed(device, clientId, content, isUpper));
        await client.PingAsync();
    }

    [Theory]
    [InlineData("{0}|signmethod=hmacsha1|", "clientId{0}deviceName{0}productKey{1}", "another secret")]
    [InlineData("{0}|signmethod=hmacsha1,timestamp=1|", "clientId{0}deviceName{0}productKey{1}", null)]
    [InlineData("{0}|signmethod=hmacsm3|", "clientId{0}deviceName{0}productKey{1}", null)]
    [InlineData("{0}|securemode=3|", "clientId{1}deviceName{0}productKey{1}", null)]
    public async Task Login_ThatIsSignedWrongly_IsNotAuthorizedAndClosed(string clientId, string content, string? secret)
    {
        var device = await Api.CreateDeviceAsync();
        await AssertRefusedAsync(development, Signed(secret is null ? device : device with { Secret = secret }, clientId, content, isUpper: false));
    }

    [Fact]
    public async Task Login_ThatSaysItIsSigned_AndSendsTheSecret_IsNotAuthorized()
    {
        var device = await Api.CreateDeviceAsync();
        await AssertRefusedAsync(development, device.Connect(clientId: $"{device.Name}|securemode=2|"));
    }

    [Theory]
    [InlineData("device&no-such-product")]
    [InlineData("no separator")]
    [InlineData("&")]
    [InlineData("a b&demo")]
    [InlineData("device&anonymous")]
    public async Task Login_OfNobody_IsNotAuthorized(string userName) =>
        await AssertRefusedAsync(development, new ConnectPacket { CleanStart = true, UserName = userName, Password = "secret"u8.ToArray() });

    [Fact]
    public async Task Login_OfUnregisteredDevice_IsNotAuthorized()
    {
        var productKey = await Api.CreateProductAsync();

        await AssertRefusedAsync(development, new Device(productKey, "nobody", "secret").Connect());
    }

    [Fact]
    public async Task Login_WithoutPassword_IsNotAuthorized()
    {
        var device = await Api.CreateDeviceAsync();

        await AssertRefusedAsync(development, new ConnectPacket { CleanStart = true, UserName = device.UserName });
    }

    [Fact]
    public async Task Login_WithTheSecretOfAnotherDevice_IsNotAuthorized()
    {
        var devices = await Api.CreateDevicesAsync(2);

        await AssertRefusedAsync(development, devices[0].Connect(secret: devices[1].Secret));
    }

    [Fact]
    public async Task DemoProduct_InDevelopment_RegistersDevicesAtTheirFirstLogin()
    {
        var device = new Device("demo", RestApi.NewKey("self"), "any password");
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect());

        Assert.True((await Api.DeviceAsync(device)).Expect(HttpStatusCode.OK).Flag("online"));
    }

    [Fact]
    public async Task DemoProduct_InProduction_DoesNotExist()
    {
        await AssertRefusedAsync(production, new Device("demo", "self", "any password").Connect());

        (await production.Process.Api.GetAsync("/v1/products/demo")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Anonymous_InDevelopment_IsLetIn(ProtocolVersion version)
    {
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, Anonymous(version));

        Assert.Equal(ReasonCode.Success, await client.SubscribeAsync("any/topic"));
        await client.PublishAsync("any/topic", "to myself");
        Assert.Equal("to myself", (await client.ReceiveAsync("its own message")).Text);
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Anonymous_InProduction_IsNotAuthorized(ProtocolVersion version) => await AssertRefusedAsync(production, Anonymous(version));

    // [MQTT-3.1.3-6], [MQTT-3.2.2-16]
    [Fact]
    public async Task EmptyClientId_On500_IsGivenOne()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect(clientId: ""));

        Assert.NotEmpty(client.ConnAck!.AssignedClientIdentifier!);
    }

    // [MQTT-3.1.3-8] of 3.1.1
    [Fact]
    public async Task EmptyClientId_On311WithoutCleanSession_IsRefused()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.OpenAsync(development.Process.Mqtt, ProtocolVersion.Mqtt311);

        client.Send(device.Connect(ProtocolVersion.Mqtt311, clientId: "", cleanStart: false));

        Assert.Equal(ReasonCode.ClientIdentifierNotValid, (await client.ConnAckAsync()).ReasonCode);
        await client.ClosedAsync("the close after the refusal");
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task DisabledProduct_DisconnectsItsDevicesAndRefusesThem(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect(version));

        (await Api.PostAsync($"/v1/products/{device.ProductKey}:disable")).Expect(HttpStatusCode.OK);

        Assert.Equal(Reason(version, ReasonCode.NotAuthorized), await client.ClosedAsync("the disabled product's device is disconnected"));
        await AssertRefusedAsync(development, device.Connect(version));
        (await Api.PostAsync($"/v1/products/{device.ProductKey}:enable")).Expect(HttpStatusCode.OK);
        await using var again = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect(version));
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task DisabledDevice_IsDisconnectedAndRefused(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect(version));

        (await Api.PostAsync($"{RestApi.PathOf(device)}:disable")).Expect(HttpStatusCode.OK);

        Assert.Equal(Reason(version, ReasonCode.NotAuthorized), await client.ClosedAsync("the disabled device is disconnected"));
        await AssertRefusedAsync(development, device.Connect(version));
        (await Api.PostAsync($"{RestApi.PathOf(device)}:enable")).Expect(HttpStatusCode.OK);
        await using var again = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect(version));
    }

    [Fact]
    public async Task DeletedDevice_IsDisconnectedAndRefused()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect());

        (await Api.DeleteAsync(RestApi.PathOf(device))).Expect(HttpStatusCode.NoContent);

        Assert.Equal(ReasonCode.NotAuthorized, await client.ClosedAsync("the deleted device is disconnected"));
        await AssertRefusedAsync(development, device.Connect());
        (await Api.DeviceAsync(device)).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Secret_AfterAReset_IsTheNewOneOnly()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect());

        var answer = (await Api.PostAsync($"{RestApi.PathOf(device)}:resetSecret")).Expect(HttpStatusCode.OK);

        // A connection that is open stays open.
        await client.PingAsync();
        Assert.NotEqual(device.Secret, answer.Text("deviceSecret"));
        await AssertRefusedAsync(development, device.Connect());
        await using var again = await RawClient.ConnectAsync(development.Process.Mqtt, device.Connect(secret: answer.Text("deviceSecret")));
    }

    private static ReasonCode? Reason(ProtocolVersion version, ReasonCode reason) => version == ProtocolVersion.Mqtt500 ? reason : null;

    private static ConnectPacket Anonymous(ProtocolVersion version) => new() { Version = version, ClientId = RestApi.NewKey("anon"), CleanStart = true };

    // CONNACK 0x87, in 3.1.1 return code 5, and then the end.
    private static async Task AssertRefusedAsync(DevelopmentGateway gateway, ConnectPacket connect) => await AssertRefusedAsync(gateway.Process, connect);

    private static async Task AssertRefusedAsync(ProductionGateway gateway, ConnectPacket connect) => await AssertRefusedAsync(gateway.Process, connect);

    private static ConnectPacket Signed(Device device, string clientId, string content, bool isUpper)
    {
        var id = Format(clientId);
        var (key, signed) = (Encoding.UTF8.GetBytes(device.Secret), Encoding.UTF8.GetBytes(Format(content)));
#pragma warning disable CA5350, CA5351
        var signature = id.Contains("hmacsha256", StringComparison.Ordinal) ? HMACSHA256.HashData(key, signed)
            : id.Contains("hmacsha1", StringComparison.Ordinal) ? HMACSHA1.HashData(key, signed)
            : HMACMD5.HashData(key, signed);
#pragma warning restore CA5350, CA5351
        return device.Connect(ProtocolVersion.Mqtt311, id, secret: isUpper ? Convert.ToHexString(signature) : Convert.ToHexStringLower(signature));

        string Format(string text) => string.Format(CultureInfo.InvariantCulture, text, device.Name, device.ProductKey);
    }

    private static async Task AssertRefusedAsync(GatewayProcess gateway, ConnectPacket connect)
    {
        await using var client = await RawClient.OpenAsync(gateway.Mqtt, connect.Version);
        client.Send(connect);
        Assert.Equal(ReasonCode.NotAuthorized, (await client.ConnAckAsync()).ReasonCode);
        Assert.Null(await client.ClosedAsync("the close after the refusal"));
    }
}
