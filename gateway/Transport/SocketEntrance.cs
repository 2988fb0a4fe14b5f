using System.Net;
using System.Net.Sockets;
using IotPlatform.Hosting;
using IotPlatform.Sessions;
using IotPlatform.Transport.Limits;
using IotPlatform.Transport.Tls;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport;

/// <summary>Makes connections of the sockets that a port accepts.</summary>
internal sealed partial class SocketEntrance(
    MqttConnectionFactory connections,
    Door door,
    TlsHandshakes handshakes,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILogger<ChannelConnection> logger)
{
    private readonly GatewayOptions _options = options.Value;
    private readonly Action<EndPoint> _left = door.Leave;

    /// <summary>Takes a socket of the port for plain MQTT.</summary>
    public void EnterPlain(Socket socket)
    {
        if (TryEnter(socket) is { } client)
        {
            var connection = new TcpConnection(ConnectionIds.Next(), socket, client, _options.PendingBytesMax, _left);
            connection.Start(connections.Create(connection));
        }
    }

    /// <summary>Takes a socket of the port for MQTT over TLS. Its handshake is no matter of the thread that accepts others.</summary>
    public void EnterTls(Socket socket)
    {
        if (TryEnter(socket) is { } client)
        {
            _ = Task.Run(() => OpenTlsAsync(socket, client));
        }
    }

    /// <returns>Where the client is; null where it is not let in.</returns>
    private IPEndPoint? TryEnter(Socket socket)
    {
        var client = ClientAddress.Of(socket);
        if (door.TryEnter() && door.TryIntroduce(client))
        {
            return client;
        }

        // Before CONNECT there is no version to answer in.
        socket.Dispose();
        return null;
    }

    private async Task OpenTlsAsync(Socket socket, IPEndPoint client)
    {
        try
        {
            using var patience = new CancellationTokenSource(_options.ConnectTimeout, time);
            if (await handshakes.OpenAsync(socket, client, patience.Token) is { } channel)
            {
                var connection = new ChannelConnection(ConnectionIds.Next(), channel, client, _options.PendingBytesMax, _left, logger);
                connection.Start(connections.Create(connection));
                return;
            }
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, client);
            socket.Dispose();
        }

        door.Leave(client);
    }

    [LoggerMessage(4015, LogLevel.Error, "A connection from {Address} could not be opened for a fault of the gateway's own")]
    private static partial void LogFailed(ILogger logger, Exception exception, EndPoint address);
}
