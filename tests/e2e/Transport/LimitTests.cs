using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>The limits at the door.</summary>
public sealed class LimitTests
{
    private const string Other = "127.0.0.2";

    [Fact]
    public async Task Connections_AboveTheMost_AreClosed_UntilOneIsGone()
    {
        await using var gateway = await GatewayProcess.StartAsync(settings: ("Mqtt__Limits__ConnectionsMax", "2"));
        var devices = await gateway.Api.CreateDevicesAsync(3);
        await using var first = await RawClient.ConnectAsync(gateway.Mqtt, devices[0].Connect());
        await using var second = await WebSockets.ConnectAsync(WebSockets.AddressOf(gateway), devices[1].Connect());

        await using (var third = await RawClient.OpenAsync(gateway.Mqtt))
        {
            Assert.Null(await third.ClosedAsync("the close of one too many"));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await RefusalAsync(gateway));
        await first.PingAsync();
        await second.PingAsync();

        await second.DisposeAsync();
        await Deadline.UntilAsync(() => IsLetInAsync(gateway, devices[2]), static isLetIn => isLetIn, "there is room again");
    }

    [Fact]
    public async Task Connections_OfOneAddressAboveTheMost_AreClosed_AndThoseOfOthersNot()
    {
        await using var gateway = await GatewayProcess.StartAsync(settings: ("Mqtt__Limits__ConnectionsPerAddressMax", "1"));
        var devices = await gateway.Api.CreateDevicesAsync(2);
        await using var first = await RawClient.ConnectAsync(gateway.Mqtt, devices[0].Connect());
        await using var second = await RawClient.OpenAsync(gateway.Mqtt);

        Assert.Null(await second.ClosedAsync("the close of one too many"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await RefusalAsync(gateway));
        await using var elsewhere = await RawClient.ConnectAsync(await Loopback.OpenAsync(gateway.Mqtt, Other), devices[1].Connect());
        await first.PingAsync();
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500, ReasonCode.ConnectionRateExceeded)]
    [InlineData(ProtocolVersion.Mqtt311, ReasonCode.ServerUnavailable)]
    public async Task Connects_AboveTheRate_AreAnsweredSo(ProtocolVersion version, ReasonCode reason)
    {
        await using var gateway = await GatewayProcess.StartAsync(
            settings: [("Mqtt__Limits__ConnectsPerSecondPerAddress", "1"), ("Mqtt__Limits__ConnectsBurstPerAddress", "3")]);
        var device = await gateway.Api.CreateDeviceAsync();
        var answers = new List<ReasonCode>();
        while (!answers.Contains(reason) && answers.Count < 100)
        {
            answers.Add(await LoginAsync(await RawClient.OpenAsync(gateway.Mqtt, version), device, version));
        }

        Assert.True(answers.IndexOf(reason) >= 3, string.Join(' ', answers));
        Assert.Equal(ReasonCode.Success, await LoginAsync(await Loopback.OpenClientAsync(gateway.Mqtt, Other, version), device, version));
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500, ReasonCode.Banned)]
    [InlineData(ProtocolVersion.Mqtt311, ReasonCode.NotAuthorized)]
    public async Task Logins_AfterTooManyFailures_AreRefusedUnseen(ProtocolVersion version, ReasonCode reason)
    {
        await using var gateway = await GatewayProcess.StartAsync(
            settings: [("Mqtt__Limits__LoginFailuresPerAddressMax", "3"), ("Mqtt__Limits__LoginFailureWindow", "01:00:00")]);
        var device = await gateway.Api.CreateDeviceAsync();
        Device[] wrong = [device with { Secret = "wrong" }, device with { Name = "nobody" }, device with { ProductKey = "no-such-product" }];
        foreach (var login in wrong)
        {
            Assert.Equal(ReasonCode.NotAuthorized, await LoginAsync(await RawClient.OpenAsync(gateway.Mqtt, version), login, version));
        }

        Assert.Equal(reason, await LoginAsync(await RawClient.OpenAsync(gateway.Mqtt, version), device, version));
        Assert.Equal(ReasonCode.Success, await LoginAsync(await Loopback.OpenClientAsync(gateway.Mqtt, Other, version), device, version));
    }

    [Fact]
    public async Task TlsHandshakes_AboveTheMost_AreClosed_UntilOneIsDone()
    {
        await using var gateway = await TlsGateway.StartAsync(("Mqtt__Limits__TlsHandshakesMax", "1"));
        var silent = new List<Socket>();
        await Deadline.UntilAsync(() => IsRefusedBesideAsync(gateway, silent), static isRefused => isRefused, "a second handshake is refused");
        await Assert.ThrowsAsync<WebSocketException>(() => WebSockets.OpenAsync(gateway.WebSocket));

        silent.ForEach(static socket => socket.Dispose());
        await Deadline.UntilAsync(async () => !await IsRefusedAsync(gateway), static isLetIn => isLetIn, "there is room again");
    }

    private static async Task<ReasonCode> LoginAsync(RawClient client, Device device, ProtocolVersion version)
    {
        await using (client)
        {
            client.Send(device.Connect(version));
            return (await client.ConnAckAsync()).ReasonCode;
        }
    }

    private static async Task<bool> IsLetInAsync(GatewayProcess gateway, Device device)
    {
        try
        {
            await using var client = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // One more each time: it may come while a handshake before it ends, and be refused itself. So may one of those that look.
    private static async Task<bool> IsRefusedBesideAsync(TlsGateway gateway, List<Socket> silent)
    {
        silent.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await silent[^1].ConnectAsync(gateway.Mqtts);
        return await IsRefusedAsync(gateway) && await IsRefusedAsync(gateway) && await IsRefusedAsync(gateway);
    }

    private static async Task<bool> IsRefusedAsync(TlsGateway gateway)
    {
        try
        {
            await using var stream = await gateway.OpenAsync();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task<HttpStatusCode> RefusalAsync(GatewayProcess gateway)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(WebSockets.AddressOf(gateway), CancellationToken.None));
        return socket.HttpStatusCode;
    }
}
