using System.ComponentModel;
using System.Runtime.InteropServices;

namespace IotPlatform.Bench.Linux;

/// <summary>Sockets on the loopback network as bare file descriptors. The caller owns each descriptor and closes it.</summary>
internal static unsafe class RawSocket
{
    // The kernel cuts this to net.core.somaxconn.
    private const int Backlog = 65_535;

    /// <summary>Listens on a port of the kernel's choice; accepted sockets inherit TCP_NODELAY, which saves a call for each.</summary>
    public static int Listen(out int port)
    {
        var descriptor = Check(Libc.Socket(Libc.AddressFamilyInet, Libc.SocketStream | Libc.SocketNonBlocking | Libc.CloseOnExec, 0));
        SetOption(descriptor, Libc.LevelSocket, Libc.OptionReuseAddress);
        SetOption(descriptor, Libc.LevelTcp, Libc.OptionNoDelay);
        var address = new InternetAddress(1, 0);
        Check(Libc.Bind(descriptor, &address, sizeof(InternetAddress)));
        Check(Libc.Listen(descriptor, Backlog));
        port = PortOf(descriptor);
        return descriptor;
    }

    /// <summary>A port that was free a moment ago, for servers that must be told theirs.</summary>
    public static int FreePort()
    {
        var descriptor = Listen(out var port);
        Close(descriptor);
        return port;
    }

    /// <summary>Starts a non-blocking connection from 127.0.0.<paramref name="sourceHost"/>; the first send tells whether it stands.</summary>
    public static int StartConnect(byte sourceHost, int port)
    {
        var descriptor = Check(Libc.Socket(Libc.AddressFamilyInet, Libc.SocketStream | Libc.SocketNonBlocking | Libc.CloseOnExec, 0));
        SetOption(descriptor, Libc.LevelTcp, Libc.OptionNoDelay);

        // Without this option bind() would have to pick a port that is free for every destination.
        SetOption(descriptor, Libc.LevelIp, Libc.OptionBindAddressNoPort);
        var source = new InternetAddress(sourceHost, 0);
        Check(Libc.Bind(descriptor, &source, sizeof(InternetAddress)));
        var server = new InternetAddress(1, port);
        if (Libc.Connect(descriptor, &server, sizeof(InternetAddress)) != 0 && Errno != Libc.InProgress)
        {
            throw LastError();
        }

        return descriptor;
    }

    /// <summary>A connected socket whose sends block; receives pass <see cref="Libc.MessageDontWait"/> where they must not.</summary>
    public static int Connect(int port)
    {
        var descriptor = Check(Libc.Socket(Libc.AddressFamilyInet, Libc.SocketStream | Libc.CloseOnExec, 0));
        SetOption(descriptor, Libc.LevelTcp, Libc.OptionNoDelay);
        var server = new InternetAddress(1, port);
        Check(Libc.Connect(descriptor, &server, sizeof(InternetAddress)));
        return descriptor;
    }

    /// <summary>Takes one waiting connection as non-blocking; false when none waits.</summary>
    public static bool TryAccept(int listener, out int descriptor)
    {
        descriptor = Libc.Accept(listener, null, null, Libc.SocketNonBlocking | Libc.CloseOnExec);
        if (descriptor >= 0)
        {
            return true;
        }

        return Errno is Libc.WouldBlock or Libc.Interrupted ? false : throw LastError();
    }

    /// <summary>Sends everything on a blocking socket.</summary>
    public static void SendAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var sent = 0;
            while (sent < bytes.Length)
            {
                sent += (int)Check(Libc.Send(descriptor, start + sent, bytes.Length - sent, Libc.MessageNoSignal));
            }
        }
    }

    /// <summary>Receives what is there: bytes, 0 at the peer's end, -1 when nothing waits.</summary>
    public static int ReceiveWaiting(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var received = Libc.Receive(descriptor, start, buffer.Length, Libc.MessageDontWait);
            return received >= 0 || Errno is Libc.WouldBlock or Libc.Interrupted ? (int)received : throw LastError();
        }
    }

    /// <summary>Segments with data that a TCP socket has received.</summary>
    public static uint SegmentsReceived(int descriptor)
    {
        // tcpi_data_segs_in of struct tcp_info, which has grown at its end only.
        const int offset = 152;
        var bytes = offset + sizeof(uint);
        var information = stackalloc byte[bytes];
        Check(Libc.GetSocketOption(descriptor, Libc.LevelTcp, Libc.OptionTcpInfo, information, &bytes));
        return bytes == offset + sizeof(uint) ? *(uint*)(information + offset) : 0;
    }

    /// <summary>As little as the kernel allows.</summary>
    public static void ShrinkReceiveBuffer(int descriptor) => SetOption(descriptor, Libc.LevelSocket, Libc.OptionReceiveBuffer);

    public static void Close(int descriptor) => _ = Libc.Close(descriptor);

    public static int Errno => Marshal.GetLastPInvokeError();

    public static Win32Exception LastError() => new(Errno);

    public static int Check(int result) => result < 0 ? throw LastError() : result;

    private static nint Check(nint result) => result < 0 ? throw LastError() : result;

    private static void SetOption(int descriptor, int level, int option)
    {
        var on = 1;
        Check(Libc.SetSocketOption(descriptor, level, option, &on, sizeof(int)));
    }

    private static int PortOf(int descriptor)
    {
        var address = default(InternetAddress);
        var bytes = sizeof(InternetAddress);
        Check(Libc.GetSocketName(descriptor, &address, &bytes));
        return address.Port;
    }
}
