using System.Net;
using System.Net.WebSockets;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>MQTT over WebSocket on the HTTP port (section 6).</summary>
public sealed class WebSocketTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private RestApi Api => gateway.Process.Api;

    private Uri Address => WebSockets.AddressOf(gateway.Process);

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Device_OverWebSocket_IsADeviceLikeOthers(ProtocolVersion version)
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var client = await WebSockets.ConnectAsync(Address, devices[0].Connect(version));
        await using var other = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect(version));
        await client.SubscribeAsync("rooms/#", QoS.AtLeastOnce);

        await other.PublishAsync("rooms/kitchen", "on", QoS.AtLeastOnce);

        Assert.Equal("on", (await client.ReceiveAsync("the publish from TCP")).Text);
        var address = (await Api.DeviceAsync(devices[0])).Text("clientAddress");
        Assert.StartsWith("127.0.0.1:", address, StringComparison.Ordinal);
        await client.DisposeAsync();
        await Api.UntilOnlineAsync(devices[0], online: false);
    }

    // [MQTT-6.0.0-2]
    [Fact]
    public async Task Packets_ByteByByteInFramesOfTheirOwn_AreUnderstood()
    {
        var device = await Api.CreateDeviceAsync();
        using var socket = await WebSockets.OpenAsync(Address);
        byte[] packets = [.. device.Connect().ToArray(ProtocolVersion.Mqtt500), .. PingReqPacket.Encoded];
        foreach (var single in packets)
        {
            await socket.SendAsync(new[] { single }, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            await socket.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }

        await using var client = RawClient.Open(WebSockets.StreamOver(socket));
        Assert.Equal(ReasonCode.Success, (await client.ConnAckAsync()).ReasonCode);
        await client.PingAsync();
    }

    // [MQTT-6.0.0-2]
    [Fact]
    public async Task Packets_ManyInOneFragmentedMessage_AreUnderstood()
    {
        var device = await Api.CreateDeviceAsync();
        using var socket = await WebSockets.OpenAsync(Address);
        byte[] packets = [.. device.Connect().ToArray(ProtocolVersion.Mqtt500), .. PingReqPacket.Encoded, .. PingReqPacket.Encoded];
        await socket.SendAsync(packets.AsMemory(..5), WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
        await socket.SendAsync(packets.AsMemory(5..), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

        await using var client = RawClient.Open(WebSockets.StreamOver(socket));
        Assert.Equal(ReasonCode.Success, (await client.ConnAckAsync()).ReasonCode);
        await client.PingAsync();
    }

    [Fact]
    public async Task LargePackets_BothWays_ArriveWhole()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await WebSockets.ConnectAsync(Address, device.Connect());
        await client.SubscribeAsync(device.Topic("large"), QoS.AtLeastOnce);
        var text = new string('x', (1024 * 1024) - 200);

        await client.PublishAsync(device.Topic("large"), text, QoS.AtLeastOnce);

        Assert.Equal(text, (await client.ReceiveAsync("the large message")).Text);
    }

    // [MQTT-6.0.0-1]
    [Fact]
    public async Task TextFrame_ClosesTheConnection()
    {
        var device = await Api.CreateDeviceAsync();
        using var socket = await WebSockets.OpenAsync(Address);
        await socket.SendAsync(device.Connect().ToArray(ProtocolVersion.Mqtt500), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        await Api.UntilOnlineAsync(device, online: true);

        await socket.SendAsync(PingReqPacket.Encoded.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, await CloseStatusAsync(socket));
        await Api.UntilOnlineAsync(device, online: false);
    }

    [Fact]
    public async Task RefusedLogin_IsAnsweredAndClosed()
    {
        var device = await Api.CreateDeviceAsync();
        using var socket = await WebSockets.OpenAsync(Address);
        await socket.SendAsync(device.Connect(secret: "wrong").ToArray(ProtocolVersion.Mqtt500), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

        await using var client = RawClient.Open(WebSockets.StreamOver(socket));
        Assert.Equal(ReasonCode.NotAuthorized, (await client.ConnAckAsync()).ReasonCode);
        Assert.Null(await client.ClosedAsync("the close after the refusal"));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    // [MQTT-6.0.0-3]
    [Theory]
    [InlineData(null)]
    [InlineData("MQTT")]
    [InlineData("mqttv3.1")]
    public async Task Upgrade_WithoutTheSubprotocol_IsRefused(string? subProtocol)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (subProtocol is not null)
        {
            socket.Options.AddSubProtocol(subProtocol);
        }

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address, CancellationToken.None));

        Assert.Equal(HttpStatusCode.BadRequest, socket.HttpStatusCode);
    }

    // [MQTT-6.0.0-4]
    [Fact]
    public async Task Upgrade_OfferingSeveralSubprotocols_ChoosesMqtt()
    {
        using var socket = await WebSockets.OpenAsync(Address, static options => options.AddSubProtocol("chat"));

        Assert.Equal("mqtt", socket.SubProtocol);
    }

    [Fact]
    public async Task PlainRequest_IsToldWhatThisIs()
    {
        using var stranger = new HttpClient();
        using var answer = await stranger.GetAsync($"{gateway.Process.HttpAddress}mqtt");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("WebSocket", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_AfterSigterm_SaysGoodbyeOverWebSocketToo()
    {
        await using var stopping = await GatewayProcess.StartAsync();
        var device = await stopping.Api.CreateDeviceAsync();
        await using var client = await WebSockets.ConnectAsync(WebSockets.AddressOf(stopping), device.Connect());

        Assert.Equal(0, await stopping.StopAsync(StopPatience));

        Assert.Equal(ReasonCode.ServerShuttingDown, await client.ClosedAsync("the goodbye"));
    }

    private static async Task<WebSocketCloseStatus?> CloseStatusAsync(WebSocket socket)
    {
        var buffer = new byte[1024];
        while ((await Deadline.WithinAsync(socket.ReceiveAsync(buffer, CancellationToken.None), "a close frame")).MessageType != WebSocketMessageType.Close)
        {
        }

        return socket.CloseStatus;
    }
}
