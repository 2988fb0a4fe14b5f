using System.Net;
using System.Net.Sockets;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>A connection on the loopback, and the socket of its peer.</summary>
internal sealed class TcpPair : IDisposable
{
    private TcpPair(TcpConnection connection, Socket peer) => (Connection, Peer) = (connection, peer);

    public TcpConnection Connection { get; }

    public Socket Peer { get; }

    public static async Task<TcpPair> ConnectAsync(int pendingBytesMax = 1 << 20, int socketBufferBytes = 0)
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (socketBufferBytes > 0)
        {
            peer.ReceiveBufferSize = socketBufferBytes;
        }

        await peer.ConnectAsync(listening.LocalEndPoint!);
        var accepted = await listening.AcceptAsync();
        accepted.NoDelay = true;
        if (socketBufferBytes > 0)
        {
            accepted.SendBufferSize = socketBufferBytes;
        }

        return new TcpPair(new TcpConnection(ConnectionIds.Next(), accepted, pendingBytesMax), peer);
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var length = 0; length < count;)
        {
            var received = await Peer.ReceiveAsync(bytes.AsMemory(length)).AsTask().InTimeAsync();
            Assert.True(received > 0, $"The connection ended after {length} of {count} bytes.");
            length += received;
        }

        return bytes;
    }

    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        var buffer = new byte[65_536];
        while (await Peer.ReceiveAsync(buffer.AsMemory()).AsTask().InTimeAsync() is > 0 and var received)
        {
            all.Write(buffer, 0, received);
        }

        return all.ToArray();
    }

    public void Dispose()
    {
        Connection.Close(isGraceful: false);
        Peer.Dispose();
    }
}
