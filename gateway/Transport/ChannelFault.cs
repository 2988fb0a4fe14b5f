using System.Net.Sockets;
using System.Net.WebSockets;

namespace IotPlatform.Transport;

/// <summary>How broken connections show.</summary>
internal static class ChannelFault
{
    /// <summary>Whether it says no more than that the peer is gone, broke its protocol, or that the connection was ended here.</summary>
    public static bool IsEnd(Exception exception) =>
        exception is IOException or SocketException or WebSocketException or ObjectDisposedException or OperationCanceledException;
}
