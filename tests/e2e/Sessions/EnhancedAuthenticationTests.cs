using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>Devices that prove that they have their secret without showing it (section 4.12).</summary>
public sealed class EnhancedAuthenticationTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    [Fact]
    public async Task Device_WithItsSecret_LogsInByScram_AndLaterShowsAgainThatItHasIt()
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt);
        var login = new ScramClient(device.UserName, device.Secret);
        client.Send(Connect(device, login));
        client.Send(Final(login, await client.AuthAsync()));

        var connAck = await client.ConnAckAsync();
        Assert.Equal((ReasonCode.Success, ScramClient.Method), (connAck.ReasonCode, connAck.AuthenticationMethod));
        Assert.True(login.Accepts(connAck.AuthenticationData!.Value.Span));
        Assert.True((await gateway.Process.Api.DeviceAsync(device)).Expect(HttpStatusCode.OK).Flag("online"));

        var again = new ScramClient(device.UserName, device.Secret, nonce: "another");
        client.Send(Step(ReasonCode.ReAuthenticate, again.First()));
        var challenge = await client.AuthAsync();
        await client.PingAsync();
        client.Send(Final(again, challenge));
        var success = await client.AuthAsync();
        Assert.Equal(ReasonCode.Success, success.ReasonCode);
        Assert.True(again.Accepts(success.AuthenticationData!.Value.Span));
        Assert.Equal(ReasonCode.Success, await client.SubscribeAsync($"/{device.ProductKey}/{device.Name}/t"));
    }

    [Fact]
    public async Task Device_WithAnotherSecret_IsNotAuthorizedAndClosed()
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt);
        var login = new ScramClient(device.UserName, device.Secret + "x");
        client.Send(Connect(device, login));
        client.Send(Final(login, await client.AuthAsync()));
        Assert.Equal(ReasonCode.NotAuthorized, (await client.ConnAckAsync()).ReasonCode);
        Assert.Null(await client.ClosedAsync("the close after the refusal"));
    }

    [Fact]
    public async Task Device_ThatFailsToShowItAgain_IsDisconnectedNotAuthorized()
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt);
        var login = new ScramClient(device.UserName, device.Secret);
        client.Send(Connect(device, login));
        client.Send(Final(login, await client.AuthAsync()));
        await client.ConnAckAsync();

        var again = new ScramClient(device.UserName, "wrong");
        client.Send(Step(ReasonCode.ReAuthenticate, again.First()));
        client.Send(Final(again, await client.AuthAsync()));
        Assert.Equal(ReasonCode.NotAuthorized, await client.ClosedAsync("the end of a connection that did not prove its device"));
    }

    private static ConnectPacket Connect(Device device, ScramClient login) => new()
    {
        ClientId = device.Name,
        CleanStart = true,
        AuthenticationMethod = ScramClient.Method,
        AuthenticationData = login.First(),
    };

    private static AuthPacket Final(ScramClient login, AuthPacket challenge) =>
        Step(ReasonCode.ContinueAuthentication, login.Final(challenge.AuthenticationData!.Value.Span));

    private static AuthPacket Step(ReasonCode code, byte[] data) =>
        new() { ReasonCode = code, AuthenticationMethod = ScramClient.Method, AuthenticationData = data };
}
