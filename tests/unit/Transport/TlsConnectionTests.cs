using System.Net.Security;
using System.Net.Sockets;
using IotPlatform.Testkit;
using IotPlatform.Transport;
using IotPlatform.Transport.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>TLS.</summary>
public sealed class TlsConnectionTests : ConnectionTests
{
    private protected override async Task<ConnectionPair> ConnectAsync(int pendingBytesMax, int socketBufferBytes)
    {
        using var authority = new CertificateAuthority("tests");
        var certificate = authority.IssueServer();
        var (accepted, peer) = await ConnectionPair.ConnectAsync(socketBufferBytes);
        var server = new SslStream(new NetworkStream(accepted, ownsSocket: true));
        var client = new SslStream(new NetworkStream(peer, ownsSocket: true));
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }),
            client.AuthenticateAsClientAsync(authority.Client()));
        var connection = new ChannelConnection(
            ConnectionIds.Next(), new TlsChannel(accepted, server), accepted.RemoteEndPoint!, pendingBytesMax, Lingering, Left, NullLogger<ChannelConnection>.Instance);
        return new ConnectionPair(connection, connection.Start, client);
    }
}
