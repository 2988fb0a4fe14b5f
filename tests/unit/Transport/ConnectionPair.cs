using System.Net;
using System.Net.Sockets;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>A connection on the loopback, and its peer's end.</summary>
internal sealed class ConnectionPair(IConnection connection, Action<IConnectionHandler> start, Stream peer) : IDisposable
{
    public IConnection Connection => connection;

    public Stream Peer => peer;

    public void Start(IConnectionHandler handler) => start(handler);

    /// <summary>Two sockets that are connected with each other.</summary>
    /// <param name="socketBufferBytes">What each of them holds for a slow peer; 0 for what is usual.</param>
    public static async Task<(Socket Accepted, Socket Peer)> ConnectAsync(int socketBufferBytes)
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

        return (accepted, peer);
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var length = 0; length < count;)
        {
            var received = await Peer.ReadAsync(bytes.AsMemory(length)).AsTask().InTimeAsync();
            Assert.True(received > 0, $"The connection ended after {length} of {count} bytes.");
            length += received;
        }

        return bytes;
    }

    /// <summary>Everything up to the end, which is answered with the peer's own.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        var buffer = new byte[65_536];
        while (await Peer.ReadAsync(buffer.AsMemory()).AsTask().InTimeAsync() is > 0 and var received)
        {
            all.Write(buffer, 0, received);
        }

        await Peer.DisposeAsync();
        return all.ToArray();
    }

    /// <summary>Whether anything comes before the end, which may be abrupt.</summary>
    public async Task<bool> ReceivesMoreAsync()
    {
        try
        {
            return await Peer.ReadAsync(new byte[1]).AsTask().InTimeAsync() > 0;
        }
        catch (Exception exception) when (ChannelFault.IsEnd(exception))
        {
            return false;
        }
    }

    public void Dispose()
    {
        Connection.Close(isGraceful: false);
        Peer.Dispose();
    }
}
