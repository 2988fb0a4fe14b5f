using System.Net;
using System.Net.Sockets;

namespace IotPlatform.Transport;

/// <summary>Where clients are, as it is shown: IPv4 as such, also on a port that takes both.</summary>
internal static class ClientAddress
{
    // The socket keeps the one that it gives.
    public static IPEndPoint Of(Socket socket) => socket.RemoteEndPoint is not IPEndPoint peer ? new IPEndPoint(IPAddress.None, 0)
        : peer.Address.IsIPv4MappedToIPv6 ? Of(peer.Address, peer.Port)
        : peer;

    public static IPEndPoint Of(IPAddress address, int port) => new(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
}
