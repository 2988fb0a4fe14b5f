using System.Net;
using System.Net.Sockets;
using IotPlatform.Hosting;
using IotPlatform.Sessions;
using IotPlatform.Transport.Limits;
using IotPlatform.Transport.Proxies;
using IotPlatform.Transport.Tls;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport;

/// <summary>Makes connections of the sockets that a port accepts.</summary>
internal sealed partial class SocketEntrance(
    MqttConnectionFactory connections,
    Door door,
    ProxyProtocol proxies,
    TlsHandshakes handshakes,
    Lingering lingering,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILogger<ChannelConnection> logger)
{
    private readonly GatewayOptions _options = options.Value;
    private readonly Action<EndPoint> _left = door.Leave;

    /// <summary>Takes a socket of the port for plain MQTT.</summary>
    public void EnterPlain(Socket socket) => Enter(socket, isTls: false);

    /// <summary>Takes a socket of the port for MQTT over TLS.</summary>
    public void EnterTls(Socket socket) => Enter(socket, isTls: true);

    private void Enter(Socket socket, bool isTls)
    {
        var peer = ClientAddress.Of(socket);
        if (!door.TryEnter())
        {
            // Before CONNECT there is no version to answer in.
            socket.Dispose();
        }
        else if (isTls || proxies.IsExpectedFrom(peer.Address))
        {
            // What is to be said before MQTT is no matter of the thread that accepts others.
            _ = Task.Run(() => OpenAsync(socket, peer, isTls));
        }
        else if (door.TryIntroduce(peer))
        {
            StartPlain(socket, peer);
        }
        else
        {
            socket.Dispose();
        }
    }

    private async Task OpenAsync(Socket socket, IPEndPoint peer, bool isTls)
    {
        using var patience = new CancellationTokenSource(_options.ConnectTimeout, time);
        var client = proxies.IsExpectedFrom(peer.Address) ? await proxies.FindClientAsync(socket, peer, patience.Token) : peer;
        if (client is null)
        {
            door.Leave();
        }
        else if (door.TryIntroduce(client))
        {
            if (await TryStartAsync(socket, client, isTls, patience.Token))
            {
                return;
            }

            door.Leave(client);
        }

        socket.Dispose();
    }

    private async Task<bool> TryStartAsync(Socket socket, IPEndPoint client, bool isTls, CancellationToken patience)
    {
        try
        {
            if (!isTls)
            {
                StartPlain(socket, client);
                return true;
            }

            if (await handshakes.OpenAsync(socket, client, patience) is { } channel)
            {
                var connection = new ChannelConnection(ConnectionIds.Next(), channel, client, _options.PendingBytesMax, lingering, _left, logger)
                {
                    CertificateName = channel.CertificateName,
                };
                connection.Start(connections.Create(connection));
                return true;
            }
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, client);
        }

        return false;
    }

    private void StartPlain(Socket socket, IPEndPoint client)
    {
        var connection = new TcpConnection(ConnectionIds.Next(), socket, client, _options.PendingBytesMax, lingering, _left);
        connection.Start(connections.Create(connection));
    }

    [LoggerMessage(4015, LogLevel.Error, "A connection from {Address} could not be opened for a fault of the gateway's own")]
    private static partial void LogFailed(ILogger logger, Exception exception, EndPoint address);
}
