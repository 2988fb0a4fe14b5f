using System.Net;
using System.Net.Sockets;
using IotPlatform.Hosting;
using IotPlatform.Sessions;
using IotPlatform.Transport.Tls;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport;

/// <summary>Makes connections of the sockets that a port accepts.</summary>
internal sealed class SocketEntrance(
    MqttConnectionFactory connections, TlsHandshakes handshakes, IOptions<GatewayOptions> options, TimeProvider time, ILogger<ChannelConnection> logger)
{
    private readonly GatewayOptions _options = options.Value;

    /// <summary>Takes a socket of the port for plain MQTT.</summary>
    public void EnterPlain(Socket socket)
    {
        var connection = new TcpConnection(ConnectionIds.Next(), socket, _options.PendingBytesMax);
        connection.Start(connections.Create(connection));
    }

    /// <summary>Takes a socket of the port for MQTT over TLS. Its handshake is no matter of the thread that accepts others.</summary>
    public void EnterTls(Socket socket) => _ = Task.Run(() => OpenTlsAsync(socket));

    private async Task OpenTlsAsync(Socket socket)
    {
        var client = socket.RemoteEndPoint ?? new IPEndPoint(IPAddress.None, 0);
        using var patience = new CancellationTokenSource(_options.ConnectTimeout, time);
        if (await handshakes.OpenAsync(socket, client, patience.Token) is { } channel)
        {
            var connection = new ChannelConnection(ConnectionIds.Next(), client, channel, _options.PendingBytesMax, logger);
            connection.Start(connections.Create(connection));
        }
    }
}
