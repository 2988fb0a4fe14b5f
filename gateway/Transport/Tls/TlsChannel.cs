using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace IotPlatform.Transport.Tls;

/// <summary>TLS over a socket. Both belong to it.</summary>
internal sealed class TlsChannel(Socket socket, SslStream stream) : IByteChannel
{
    /// <summary>The common name of the client's certificate; null without one.</summary>
    public string? CertificateName => stream.RemoteCertificate is X509Certificate2 certificate ? Tls.CertificateName.Of(certificate) : null;

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

        // What the peer still sends is read until it has seen that: to shut that direction as well would reset the connection.
        Shutdown(SocketShutdown.Send);
    }

    public void Abort() => Shutdown(SocketShutdown.Both);

    private void Shutdown(SocketShutdown how)
    {
        try
        {
            socket.Shutdown(how);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer was first.
        }
    }

    public void Dispose() => stream.Dispose();
}
