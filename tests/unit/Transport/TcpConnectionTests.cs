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

    // Else the answer could be noted before what it answers.
    [Fact]
    public async Task Tap_SeesWhatIsSent_BeforeThePeerDoes()
    {
        var pair = await StartAsync();
        var peer = (NetworkStream)pair.Peer;
        var tap = new SeenSends(() => peer.DataAvailable);
        pair.Connection.Tap = tap;

        Assert.Equal(SendOutcome.Sent, pair.Connection.Send(FrameHandler.FrameOf(1, 2)));
        Assert.Equal(FrameHandler.FrameOf(1, 2), await pair.ReadAsync(FrameHandler.FrameOf(1, 2).Length));
        pair.Connection.Close(isGraceful: false);
        Assert.Equal(SendOutcome.Closed, pair.Connection.Send(FrameHandler.FrameOf(1)));

        Assert.Equal([(FrameHandler.FrameOf(1, 2).Length, SendOutcome.Sent, false), (FrameHandler.FrameOf(1).Length, SendOutcome.Closed, false)], tap.All);
        Assert.Equal(FrameHandler.FrameOf(1, 2).Length, pair.Connection.BytesSent);
    }
}
