using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>A load balancer in front, at 127.0.0.2, that says whose its connections are.</summary>
public sealed class ProxyTests
{
    private const string Balancer = "127.0.0.2";

    private static readonly IPEndPoint Client = new(IPAddress.Parse("192.0.2.7"), 5000);

    [Fact]
    public async Task Client_BehindALoadBalancer_IsSeenWhereItIs()
    {
        await using var gateway = await StartAsync();
        var device = await gateway.Process.Api.CreateDeviceAsync();
        var stream = await Loopback.OpenAsync(gateway.Process.Mqtt, Balancer);
        await stream.WriteAsync(HeaderOf(Client));
        await using var client = await RawClient.ConnectAsync(stream, device.Connect());

        Assert.Equal(Client.ToString(), (await gateway.Process.Api.DeviceAsync(device)).Text("clientAddress"));
    }

    [Fact]
    public async Task Client_OverTlsBehindALoadBalancer_IsSeenWhereItIs()
    {
        await using var gateway = await StartAsync();
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(await OpenTlsAsync(gateway, gateway.Mqtts), device.Connect());

        Assert.Equal(Client.ToString(), (await gateway.Process.Api.DeviceAsync(device)).Text("clientAddress"));
    }

    [Fact]
    public async Task Client_OverWssBehindALoadBalancer_IsSeenWhereItIs()
    {
        await using var gateway = await StartAsync();
        var device = await gateway.Process.Api.CreateDeviceAsync();
        var stream = await OpenTlsAsync(gateway, new IPEndPoint(IPAddress.Loopback, gateway.WebSocket.Port));
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(stream) });
        await socket.ConnectAsync(new Uri($"ws://localhost:{gateway.WebSocket.Port}/mqtt"), invoker, CancellationToken.None);
        await using var client = await RawClient.ConnectAsync(WebSockets.StreamOver(socket), device.Connect());

        Assert.Equal(Client.ToString(), (await gateway.Process.Api.DeviceAsync(device)).Text("clientAddress"));
    }

    [Fact]
    public async Task LoadBalancer_WithoutAHeader_IsClosed()
    {
        await using var gateway = await StartAsync();
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await Loopback.OpenClientAsync(gateway.Process.Mqtt, Balancer);

        client.Send(device.Connect());

        Assert.Null(await client.ClosedAsync("the close of what does not say whose it is"));
        await Assert.ThrowsAnyAsync<Exception>(() => OpenTlsAsync(gateway, gateway.Mqtts, header: []));
    }

    [Fact]
    public async Task Header_FromElsewhere_IsNotBelieved()
    {
        await using var gateway = await StartAsync();
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var liar = await RawClient.OpenAsync(gateway.Process.Mqtt);

        liar.Send([.. HeaderOf(Client), .. device.Connect().ToArray(ProtocolVersion.Mqtt500)]);

        Assert.Null(await liar.ClosedAsync("the close of what is no MQTT"));
        await using var honest = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        Assert.Equal(honest.LocalEndPoint.ToString(), (await gateway.Process.Api.DeviceAsync(device)).Text("clientAddress"));
    }

    [Fact]
    public async Task Limits_CountTheClient_AndNotTheLoadBalancer()
    {
        await using var gateway = await StartAsync(("Mqtt__Limits__ConnectionsPerAddressMax", "1"));
        var devices = await gateway.Process.Api.CreateDevicesAsync(3);
        var clients = new List<RawClient>();
        foreach (var (device, address) in devices.Zip(["192.0.2.1", "192.0.2.2", "192.0.2.2"]))
        {
            var stream = await Loopback.OpenAsync(gateway.Process.Mqtt, Balancer);
            await stream.WriteAsync(HeaderOf(new IPEndPoint(IPAddress.Parse(address), 5000)));
            var client = RawClient.Open(stream);
            client.Send(device.Connect());
            clients.Add(client);
            if (clients.Count < 3)
            {
                Assert.Equal(ReasonCode.Success, (await client.ConnAckAsync()).ReasonCode);
            }
        }

        Assert.Null(await clients[2].ClosedAsync("the close of a second one from the same client"));
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static Task<TlsGateway> StartAsync(params (string Name, string Value)[] settings) =>
        TlsGateway.StartAsync([("Mqtt__ProxyProtocol__From__0", $"{Balancer}/32"), .. settings]);

    private static async Task<SslStream> OpenTlsAsync(TlsGateway gateway, IPEndPoint server, byte[]? header = null)
    {
        var socket = await Loopback.OpenAsync(server, Balancer);
        await socket.WriteAsync(header ?? HeaderOf(Client));
        var stream = new SslStream(socket);
        await Deadline.WithinAsync(stream.AuthenticateAsClientAsync(gateway.Authority.Client()), "a TLS handshake behind the header");
        return stream;
    }

    // A header of version 2 for TCP over IPv4, to wherever.
    private static byte[] HeaderOf(IPEndPoint client)
    {
        byte[] header = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, .. client.Address.GetAddressBytes(), 127, 0, 0, 1, 0, 0, 0x07, 0x5B];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(24), (ushort)client.Port);
        return header;
    }
}
