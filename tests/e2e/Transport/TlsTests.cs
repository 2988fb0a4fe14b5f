using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>MQTT over TLS, and over WebSocket over TLS.</summary>
public sealed class TlsTests(TlsGateway gateway) : IClassFixture<TlsGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Device_OverTls_IsADeviceLikeOthers(SslProtocols protocol)
    {
        var device = await Api.CreateDeviceAsync();
        var stream = await gateway.OpenAsync(configure: options => options.EnabledSslProtocols = protocol);
        await using var client = await RawClient.ConnectAsync(stream, device.Connect());

        var accepted = await Api.SendMessageAsync(device, "to TLS");

        Assert.Equal("to TLS", (await client.ReceiveAsync("the message")).Text);
        Assert.Equal(protocol, stream.SslProtocol);
        await Api.UntilMessageIsAsync(device, accepted.MessageId, "DELIVERED");
        await client.DisposeAsync();
        await Api.UntilOnlineAsync(device, online: false);
    }

#pragma warning disable SYSLIB0039, CA5397 // That they are obsolete is the point.
    [Theory]
    [InlineData(SslProtocols.Tls)]
    [InlineData(SslProtocols.Tls11)]
    public async Task OlderProtocols_AreRefused(SslProtocols protocol) =>
        await Assert.ThrowsAnyAsync<Exception>(() => gateway.OpenAsync(configure: options => options.EnabledSslProtocols = protocol));
#pragma warning restore SYSLIB0039, CA5397

    [Fact]
    public async Task LargePackets_BothWays_ArriveWhole()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await gateway.ConnectAsync(device.Connect());
        await client.SubscribeAsync(device.Topic("large"), QoS.AtLeastOnce);
        var text = new string('x', (1024 * 1024) - 200);

        await client.PublishAsync(device.Topic("large"), text, QoS.AtLeastOnce);

        Assert.Equal(text, (await client.ReceiveAsync("the large message")).Text);
    }

    [Fact]
    public async Task Device_OverWebSocketOverTls_IsADeviceLikeOthers()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await WebSockets.ConnectAsync(gateway.WebSocket, device.Connect(), Trust);

        await Api.SendMessageAsync(device, "to wss");

        Assert.Equal("to wss", (await client.ReceiveAsync("the message")).Text);
    }

    [Theory]
    [InlineData("healthz")]
    [InlineData("v1/products")]
    public async Task WebSocketPort_ServesNothingElse(string path)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions = gateway.Authority.Client();
        using var stranger = new HttpClient(handler);

        using var answer = await stranger.GetAsync($"https://localhost:{gateway.WebSocket.Port}/{path}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Certificate_ThatIsReplaced_IsUsedForNewConnections_AndOldOnesStay()
    {
        await using var own = await TlsGateway.StartAsync();
        var devices = await own.Process.Api.CreateDevicesAsync(2);
        await using var early = await own.ConnectAsync(devices[0].Connect());
        await using var earlyWebSocket = await WebSockets.ConnectAsync(own.WebSocket, devices[1].Connect(), options => Trust(options, own));

        var thumbprint = own.WriteCertificate();

        await Deadline.UntilAsync(() => ThumbprintAsync(own), seen => seen == thumbprint, "new handshakes get the new certificate");
        await Assert.ThrowsAsync<WebSocketException>(() => WebSockets.OpenAsync(own.WebSocket, options => options.RemoteCertificateValidationCallback = (_, shown, _, _) => ((X509Certificate2)shown!).Thumbprint != thumbprint));
        await early.PingAsync();
        await earlyWebSocket.PingAsync();
    }

    [Fact]
    public async Task Handshake_ThatIsNotCarriedOn_IsClosed_AndHoldsNobodyUp()
    {
        await using var hasty = await TlsGateway.StartAsync(("Mqtt__ConnectTimeout", "00:00:02"));
        var device = await hasty.Process.Api.CreateDeviceAsync();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await silent.ConnectAsync(hasty.Mqtts);
        await silent.SendAsync(new byte[] { 0x16, 0x03, 0x01 });

        await using (await hasty.ConnectAsync(device.Connect()))
        {
            Assert.Equal(0, await Deadline.WithinAsync(silent.ReceiveAsync(new byte[16]), "the close of the silent one"));
        }
    }

    [Fact]
    public async Task PlainMqtt_OnTheTlsPort_IsClosed()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.OpenAsync(gateway.Mqtts);
        client.Send(device.Connect().ToArray(ProtocolVersion.Mqtt500));

        // An alert may come first, which is no packet.
        await Record.ExceptionAsync(() => client.ClosedAsync("the close"));
        Assert.False((await Api.DeviceAsync(device)).Flag("online"));
    }

    [Fact]
    public async Task Gateway_AfterSigterm_SaysGoodbyeOverTlsToo()
    {
        await using var stopping = await TlsGateway.StartAsync();
        var devices = await stopping.Process.Api.CreateDevicesAsync(2);
        await using var client = await stopping.ConnectAsync(devices[0].Connect());
        await using var webSocket = await WebSockets.ConnectAsync(stopping.WebSocket, devices[1].Connect(), options => Trust(options, stopping));

        Assert.Equal(0, await stopping.Process.StopAsync(TimeSpan.FromSeconds(10)));

        Assert.Equal(ReasonCode.ServerShuttingDown, await client.ClosedAsync("the goodbye over TLS"));
        Assert.Equal(ReasonCode.ServerShuttingDown, await webSocket.ClosedAsync("the goodbye over wss"));
    }

    [Fact]
    public async Task Gateway_WithoutItsCertificate_NamesTheSettingAndEnds()
    {
        var start = GatewayProcess.StartAsync("Production", ("Mqtt__Tls__CertificateFile", "nowhere.pem"));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => start);

        Assert.Contains("The files of Mqtt:Tls can not be used", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<string> ThumbprintAsync(TlsGateway gateway)
    {
        await using var stream = await gateway.OpenAsync();
        return ((X509Certificate2)stream.RemoteCertificate!).Thumbprint;
    }

    private static void Trust(ClientWebSocketOptions options, TlsGateway gateway) =>
        options.RemoteCertificateValidationCallback = (_, shown, _, _) => IsIssuedBy(gateway.Authority, (X509Certificate2)shown!);

    private static bool IsIssuedBy(CertificateAuthority authority, X509Certificate2 certificate)
    {
        using var chain = new X509Chain { ChainPolicy = authority.Client().CertificateChainPolicy! };
        return chain.Build(certificate);
    }

    private void Trust(ClientWebSocketOptions options) => Trust(options, gateway);
}
