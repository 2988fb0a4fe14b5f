using System.Net.Security;
using System.Net.Sockets;

namespace IotPlatform.Transport.Tls;

/// <summary>TLS over a socket. Both belong to it.</summary>
internal sealed class TlsChannel(Socket socket, SslStream stream) : IByteChannel
{
    public async ValueTask<bool> WaitAsync()
    {
        // At the end it returns as well, and the next read says so.
        await stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
        return true;
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    /// <summary>[RFC 8446 6.1] The peer learns from close_notify that nothing was cut off.</summary>
    public async ValueTask EndAsync()
    {
        await stream.ShutdownAsync().ConfigureAwait(false);
        Abort();
    }

    public void Abort()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer was first.
        }
    }

    public void Dispose() => stream.Dispose();
}
