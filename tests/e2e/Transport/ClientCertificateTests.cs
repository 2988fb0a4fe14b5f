using System.Net;
using System.Security.Cryptography.X509Certificates;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.RealClients;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>Clients that show certificates, and are the devices that those name.</summary>
public sealed class ClientCertificateTests(CertifyingGateway required) : IClassFixture<CertifyingGateway>
{
    private readonly TlsGateway _gateway = required.Gateway;

    private RestApi Api => _gateway.Process.Api;

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Device_WithItsCertificate_NeedsNoPassword(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        using var certificate = _gateway.ClientAuthority.IssueClient(device.UserName);
        foreach (var userName in new[] { null, device.UserName })
        {
            await using var client = await _gateway.ConnectAsync(Login(device, version, userName), certificate);
            Assert.True((await Api.DeviceAsync(device)).Flag("online"));
        }
    }

    [Fact]
    public async Task Device_OverWss_WithItsCertificate_NeedsNoPassword()
    {
        var device = await Api.CreateDeviceAsync();
        using var certificate = _gateway.ClientAuthority.IssueClient(device.UserName);
        await using var client = await WebSockets.ConnectAsync(_gateway.WebSocket, Login(device), options =>
        {
            options.RemoteCertificateValidationCallback = (_, shown, _, _) => ((X509Certificate2)shown!).Issuer == _gateway.Authority.Certificate.Subject;
            options.ClientCertificates.Add(certificate);
        });

        Assert.True((await Api.DeviceAsync(device)).Flag("online"));
    }

    [Fact]
    public async Task Device_WithThePasswordToo_MustHaveTheRightOne()
    {
        var device = await Api.CreateDeviceAsync();
        using var certificate = _gateway.ClientAuthority.IssueClient(device.UserName);

        await using var client = await _gateway.ConnectAsync(device.Connect(), certificate);
        Assert.Equal(ReasonCode.NotAuthorized, await RefusalAsync(device.Connect(secret: "wrong"), certificate));
    }

    [Fact]
    public async Task Device_WithTheCertificateOfAnother_IsNotAuthorized_WhateverItsPassword()
    {
        var devices = await Api.CreateDevicesAsync(2);
        using var certificate = _gateway.ClientAuthority.IssueClient(devices[0].UserName);

        Assert.Equal(ReasonCode.NotAuthorized, await RefusalAsync(Login(devices[1], userName: devices[1].UserName), certificate));
        Assert.Equal(ReasonCode.NotAuthorized, await RefusalAsync(devices[1].Connect(), certificate));
    }

    [Fact]
    public async Task Certificate_OfADeviceThatIsUnknownDisabledOrDeleted_OpensNothing()
    {
        var devices = await Api.CreateDevicesAsync(2);
        var unknown = new Device(devices[0].ProductKey, "unknown", "");
        var ofOpenProduct = new Device("demo", RestApi.NewKey("unknown"), "");
        (await Api.PostAsync($"{RestApi.PathOf(devices[0])}:disable")).Expect(HttpStatusCode.OK);
        (await Api.DeleteAsync(RestApi.PathOf(devices[1]))).Expect(HttpStatusCode.NoContent);

        foreach (var device in new[] { devices[0], devices[1], unknown, ofOpenProduct })
        {
            using var certificate = _gateway.ClientAuthority.IssueClient(device.UserName);
            Assert.Equal(ReasonCode.NotAuthorized, await RefusalAsync(Login(device), certificate));
        }
    }

    [Fact]
    public async Task Certificate_ThatNamesNoDevice_IsNoLogin()
    {
        var device = await Api.CreateDeviceAsync();
        using var certificate = _gateway.ClientAuthority.IssueClient("a lamp");

        await using var client = await _gateway.ConnectAsync(device.Connect(), certificate);
        Assert.Equal(ReasonCode.NotAuthorized, await RefusalAsync(Login(device, userName: device.UserName), certificate));
    }

    [Fact]
    public async Task Certificate_ThatIsMissingOrWrong_MakesNoConnection()
    {
        var device = await Api.CreateDeviceAsync();
        using var stranger = new CertificateAuthority("clients of the tests");
        using var foreign = stranger.IssueClient(device.UserName);
        using var ended = _gateway.ClientAuthority.IssueClient(device.UserName, validFor: TimeSpan.FromMinutes(1));
        using var forServers = _gateway.ClientAuthority.IssueServer(device.UserName);
        foreach (var certificate in new[] { null, foreign, ended, forServers })
        {
            await AssertNoConnectionAsync(_gateway, device, certificate);
        }
    }

    [Fact]
    public async Task Certificate_WhereItIsOptional_MustBeRightIfShown()
    {
        await using var optional = await TlsGateway.StartAsync(("Mqtt__Tls__ClientCertificates", "Optional"), ("Mqtt__Tls__ClientCertificateIdentity", "CommonName"));
        var device = await optional.Process.Api.CreateDeviceAsync();
        using var certificate = optional.ClientAuthority.IssueClient(device.UserName);
        using var stranger = new CertificateAuthority("clients of the tests");
        using var foreign = stranger.IssueClient(device.UserName);

        await using (await optional.ConnectAsync(device.Connect()))
        await using (await optional.ConnectAsync(Login(device), certificate))
        {
        }

        await optional.Process.Api.UntilOnlineAsync(device, online: false);
        await AssertNoConnectionAsync(optional, device, foreign);
    }

    [SkippableFact]
    public async Task Mosquitto_WithItsCertificate_NeedsNoPassword()
    {
        var whyNot = ClientProgram.WhyNot("mosquitto_pub");
        Skip.If(whyNot is not null, whyNot);
        var device = await Api.CreateDeviceAsync();
        using var certificate = _gateway.ClientAuthority.IssueClient(device.UserName);
        CertificateAuthority.Write(certificate, _gateway.PathOf("device.crt"), _gateway.PathOf("device.key"));

        await using var publisher = ClientProgram.Start("mosquitto_pub", [
            "-h", "localhost", "-p", $"{_gateway.Mqtts.Port}", "--cafile", _gateway.AuthorityFile,
            "--cert", _gateway.PathOf("device.crt"), "--key", _gateway.PathOf("device.key"),
            "-i", device.Name, "-q", "1", "-t", device.Topic("state"), "-m", "on",
        ]);

        await publisher.SuccessAsync("mosquitto_pub");
    }

    private static ConnectPacket Login(Device device, ProtocolVersion version = ProtocolVersion.Mqtt500, string? userName = null) =>
        new() { Version = version, ClientId = device.Name, CleanStart = true, UserName = userName };

    // In TLS 1.3 a client is through with its handshake before the server has seen its certificate.
    private static async Task AssertNoConnectionAsync(TlsGateway gateway, Device device, X509Certificate2? certificate)
    {
        await Assert.ThrowsAnyAsync<Exception>(() => gateway.ConnectAsync(device.Connect(), certificate));
        Assert.False((await gateway.Process.Api.DeviceAsync(device)).Flag("online"));
    }

    private async Task<ReasonCode> RefusalAsync(ConnectPacket connect, X509Certificate2 certificate)
    {
        var refused = await Assert.ThrowsAsync<ConnectRefusedException>(() => _gateway.ConnectAsync(connect, certificate));
        return refused.Reason;
    }
}
