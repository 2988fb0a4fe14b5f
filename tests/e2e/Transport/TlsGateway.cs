using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>A gateway with TLS ports, whose certificate was issued by an authority of the tests.</summary>
public sealed class TlsGateway : IAsyncLifetime, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iot-tls-").FullName;
    private readonly int _webSocketPort = Ports.Next();
    private readonly (string Name, string Value)[] _settings;

    public TlsGateway()
        : this([])
    {
    }

    internal TlsGateway(params (string Name, string Value)[] settings) => _settings = settings;

    internal GatewayProcess Process { get; private set; } = null!;

    /// <summary>Issued the server's certificate.</summary>
    internal CertificateAuthority Authority { get; } = new("servers of the tests");

    /// <summary>Trusted to issue clients' certificates, where they are asked for.</summary>
    internal CertificateAuthority ClientAuthority { get; } = new("clients of the tests");

    internal string AuthorityFile => PathOf("ca.crt");

    internal IPEndPoint Mqtts { get; } = new(IPAddress.Loopback, Ports.Next());

    internal Uri WebSocket => new($"wss://localhost:{_webSocketPort}/mqtt");

    internal static async Task<TlsGateway> StartAsync(params (string Name, string Value)[] settings)
    {
        var gateway = new TlsGateway(settings);
        await gateway.InitializeAsync();
        return gateway;
    }

    public async Task InitializeAsync()
    {
        File.WriteAllText(AuthorityFile, Authority.Pem);
        File.WriteAllText(PathOf("clients.crt"), ClientAuthority.Pem);
        WriteCertificate();
        Process = await GatewayProcess.StartAsync("Development", [
            ("Mqtt__Tls__CertificateFile", PathOf("tls.crt")),
            ("Mqtt__Tls__KeyFile", PathOf("tls.key")),
            ("Mqtt__Tls__ClientAuthorityFile", PathOf("clients.crt")),
            ("Mqtt__Tls__Port", $"{Mqtts.Port}"),
            ("Mqtt__Tls__WebSocketPort", $"{_webSocketPort}"),
            ("Mqtt__Tls__ReloadInterval", "00:00:00.1"),
            .. _settings,
        ]);
    }

    /// <summary>Issues a new certificate for the server, and writes it over the old one.</summary>
    /// <returns>Its thumbprint.</returns>
    internal string WriteCertificate()
    {
        using var certificate = Authority.IssueServer();
        CertificateAuthority.Write(certificate, PathOf("tls.crt"), PathOf("tls.key"));
        return certificate.Thumbprint;
    }

    internal string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Opens TLS, and says nothing in it.</summary>
    internal async Task<SslStream> OpenAsync(X509Certificate2? certificate = null, Action<SslClientAuthenticationOptions>? configure = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Mqtts);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = Authority.Client(certificate);
        configure?.Invoke(options);
        await Deadline.WithinAsync(stream.AuthenticateAsClientAsync(options), "a TLS handshake");
        return stream;
    }

    /// <summary>Logs in over TLS.</summary>
    internal async Task<RawClient> ConnectAsync(ConnectPacket connect, X509Certificate2? certificate = null) =>
        await RawClient.ConnectAsync(await OpenAsync(certificate), connect);

    public async Task DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        Authority.Dispose();
        ClientAuthority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}
