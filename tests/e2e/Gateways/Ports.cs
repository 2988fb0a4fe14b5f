using System.Net;
using System.Net.Sockets;

namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>
/// Hands out ports to listen on. They lie below those that Linux takes for outgoing connections (32768 and up), so that no client can sit on the port of
/// a server that is restarted.
/// </summary>
internal static class Ports
{
    private const int First = 18_000;
    private const int Count = 14_000;

    private static int s_last = Random.Shared.Next(Count);

    public static int Next()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref s_last) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
