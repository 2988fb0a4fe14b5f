using System.Net.Sockets;
using IotPlatform.Transport;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>TCP.</summary>
public sealed class TcpConnectionTests : ConnectionTests
{
    private protected override async Task<ConnectionPair> ConnectAsync(int pendingBytesMax, int socketBufferBytes)
    {
        var (accepted, peer) = await ConnectionPair.ConnectAsync(socketBufferBytes);
        var connection = new TcpConnection(ConnectionIds.Next(), accepted, accepted.RemoteEndPoint!, pendingBytesMax, Lingering, Left);
        return new ConnectionPair(connection, connection.Start, new NetworkStream(peer, ownsSocket: true));
    }
}
