using System.Net;
using System.Net.Sockets;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>Clients with addresses of their own: all of 127.0.0.0/8 is this machine.</summary>
internal static class Loopback
{
    public static async Task<Stream> OpenAsync(IPEndPoint server, string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await Deadline.WithinAsync(socket.ConnectAsync(server), $"a TCP connection from {from}");
        return new NetworkStream(socket, ownsSocket: true);
    }

    public static async Task<RawClient> OpenClientAsync(IPEndPoint server, string from, ProtocolVersion version = ProtocolVersion.Mqtt500) =>
        RawClient.Open(await OpenAsync(server, from), version);
}
