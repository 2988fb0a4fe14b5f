using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>Clients that break the protocol are told so in 5.0, and closed in both versions; everybody else goes on.</summary>
public sealed class ProtocolFaultTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    // [MQTT-3.1.0-1]
    [Theory]
    [InlineData("C000")]
    [InlineData("300400016178")]
    [InlineData("8206000100016100")]
    [InlineData("E000")]
    public async Task FirstPacket_OtherThanConnect_Closes(string packet)
    {
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt);

        client.Send(Convert.FromHexString(packet));

        Assert.Null(await client.ClosedAsync("the close"));
    }

    [Theory]
    [InlineData("474554202F20485454502F312E310D0A0D0A")] // GET / HTTP/1.1
    [InlineData("1603010200010001FC0303")] // A TLS hello.
    [InlineData("10FFFFFFFFFF")]
    [InlineData("00")]
    public async Task FirstBytes_OfAnotherProtocol_Close(string bytes)
    {
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt);

        client.Send(Convert.FromHexString(bytes));

        await client.ClosedAsync("the close");
    }

    [Theory]
    [InlineData("360400016178", ReasonCode.MalformedPacket)] // PUBLISH of QoS 3.
    [InlineData("3206000161000000", ReasonCode.ProtocolError)] // PUBLISH of QoS 1 with packet id 0.
    [InlineData("30FFFFFFFFFF", ReasonCode.MalformedPacket)] // A length of five bytes.
    [InlineData("C001FF", ReasonCode.MalformedPacket)] // PINGREQ with a body.
    [InlineData("8006000100016100", ReasonCode.MalformedPacket)] // SUBSCRIBE with reserved flags.
    [InlineData("20020000", ReasonCode.ProtocolError)] // CONNACK is the server's to send.
    [InlineData("100D00044D51545405020000000000", ReasonCode.ProtocolError)] // A second CONNECT.
    public async Task Packet_ThatIsWrongOn500_IsAnsweredByItsReasonAndClosed(string packet, ReasonCode reason)
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());

        client.Send(Convert.FromHexString(packet));

        Assert.Equal(reason, await client.ClosedAsync("the close after the fault"));
    }

    [Theory]
    [InlineData("360400016178")]
    [InlineData("C001FF")]
    public async Task Packet_ThatIsMalformedOn311_CloseWithoutAWord(string packet)
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(ProtocolVersion.Mqtt311));

        client.Send(Convert.FromHexString(packet));

        Assert.Null(await client.ClosedAsync("the close after the fault"));
    }

    [Fact]
    public async Task Packet_OverTheLimit_IsRefusedByItsHeaderAlone()
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        Assert.Equal(1024u * 1024, client.ConnAck!.MaximumPacketSize);

        // A PUBLISH of 1 MiB behind its header; nothing but the header is sent.
        client.Send([0x30, 0x80, 0x80, 0x40]);

        Assert.Equal(ReasonCode.PacketTooLarge, await client.ClosedAsync("the close after the header"));
    }

    [Fact]
    public async Task Packet_JustWithinTheLimit_IsTaken()
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        await client.SubscribeAsync(device.Topic("large"), QoS.AtLeastOnce);
        var text = new string('x', (1024 * 1024) - 200);

        await client.PublishAsync(device.Topic("large"), text, QoS.AtLeastOnce);

        Assert.Equal(text, (await client.ReceiveAsync("the large message")).Text);
    }

    [Fact]
    public async Task Packets_ByteByByte_AreUnderstood()
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt);
        foreach (var single in device.Connect().ToArray(ProtocolVersion.Mqtt500))
        {
            client.Send([single]);
        }

        Assert.Equal(ReasonCode.Success, (await client.ConnAckAsync()).ReasonCode);
        await client.PingAsync();
    }

    [Fact]
    public async Task Packets_BehindConnectInOnePiece_AreHandledAfterIt()
    {
        var device = await gateway.Process.Api.CreateDeviceAsync();
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt);

        client.Send([.. device.Connect().ToArray(ProtocolVersion.Mqtt500), 0xC0, 0x00]);

        Assert.Equal(ReasonCode.Success, (await client.ConnAckAsync()).ReasonCode);
        await client.PingAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("100D00044D515454")] // A part of a CONNECT.
    public async Task Connection_WithoutConnectInTime_IsClosed(string bytes)
    {
        await using var hasty = await GatewayProcess.StartAsync("Development", ("Mqtt__ConnectTimeout", "00:00:01"));
        await using var client = await RawClient.OpenAsync(hasty.Mqtt);

        client.Send(Convert.FromHexString(bytes));

        Assert.Null(await client.ClosedAsync("the close after a second without CONNECT", TimeSpan.FromSeconds(5)));
    }

    // [MQTT-3.1.2-2]
    [Theory]
    [InlineData("100E00044D5154540602000000000161", ReasonCode.UnsupportedProtocolVersion, ProtocolVersion.Mqtt500)]
    [InlineData("100D00044D51545403020000000161", ReasonCode.UnsupportedProtocolVersion, ProtocolVersion.Mqtt311)]
    public async Task Connect_OfUnknownLevel_IsRefusedByTheVersion(string connect, ReasonCode reason, ProtocolVersion answeredIn)
    {
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt, answeredIn);

        client.Send(Convert.FromHexString(connect));

        Assert.Equal(reason, (await client.ConnAckAsync()).ReasonCode);
        await client.ClosedAsync("the close after the refusal");
    }
}
