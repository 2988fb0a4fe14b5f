using System.Net.Sockets;
using System.Net.WebSockets;
using IotPlatform.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>WebSocket.</summary>
public sealed class WebSocketConnectionTests : ConnectionTests
{
    private protected override async Task<ConnectionPair> ConnectAsync(int pendingBytesMax, int socketBufferBytes)
    {
        var (accepted, peer) = await ConnectionPair.ConnectAsync(socketBufferBytes);
        var server = WebSocket.CreateFromStream(new NetworkStream(accepted, ownsSocket: true), new WebSocketCreationOptions { IsServer = true });
        var client = WebSocket.CreateFromStream(new NetworkStream(peer, ownsSocket: true), new WebSocketCreationOptions());
        var channel = new WebSocketChannel(server, accepted.Dispose, TimeProvider.System);
        var connection = new ChannelConnection(
            ConnectionIds.Next(), channel, accepted.RemoteEndPoint!, pendingBytesMax, Lingering, Left, NullLogger<ChannelConnection>.Instance);
        return new ConnectionPair(connection, connection.Start, WebSocketStream.Create(client, WebSocketMessageType.Binary, TimeSpan.FromSeconds(5)));
    }
}
