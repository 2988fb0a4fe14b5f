using System.Net.WebSockets;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Transport;

/// <summary>Opens WebSockets to a gateway.</summary>
internal static class WebSockets
{
    public static Uri AddressOf(GatewayProcess gateway) => new($"ws://127.0.0.1:{gateway.HttpAddress.Port}/mqtt");

    public static async Task<ClientWebSocket> OpenAsync(Uri address, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        configure?.Invoke(socket.Options);
        await Deadline.WithinAsync(socket.ConnectAsync(address, CancellationToken.None), $"a WebSocket to {address}");
        return socket;
    }

    /// <summary>Logs in over a WebSocket.</summary>
    public static async Task<RawClient> ConnectAsync(Uri address, ConnectPacket connect, Action<ClientWebSocketOptions>? configure = null) =>
        await RawClient.ConnectAsync(StreamOver(await OpenAsync(address, configure)), connect);

    public static Stream StreamOver(WebSocket socket) =>
        WebSocketStream.Create(socket, WebSocketMessageType.Binary, closeTimeout: TimeSpan.FromSeconds(5));
}
