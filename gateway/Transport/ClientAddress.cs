using System.Net;
using System.Net.Sockets;

namespace IotPlatform.Transport;

/// <summary>Where clients are, as it is shown: IPv4 as such, also on a port that takes both.</summary>
internal static class ClientAddress
{
    public static IPEndPoint Of(Socket socket) => socket.RemoteEndPoint is IPEndPoint peer ? Of(peer.Address, peer.Port) : new IPEndPoint(IPAddress.None, 0);

    public static IPEndPoint Of(IPAddress address, int port) => new(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
}
