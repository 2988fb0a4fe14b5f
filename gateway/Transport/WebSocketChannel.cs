using System.Net.WebSockets;

namespace IotPlatform.Transport;

/// <summary>MQTT over a WebSocket (section 6 of MQTT 5.0, which says the same as 3.1.1): a stream of bytes in binary frames.</summary>
/// <param name="socket">The WebSocket.</param>
/// <param name="abort">Breaks off the connection that the WebSocket is in.</param>
/// <param name="time">Measures how long a goodbye may take.</param>
internal sealed class WebSocketChannel(WebSocket socket, Action abort, TimeProvider time) : IByteChannel
{
    /// <summary>What is sent is copied once more, frame by frame: large enough for few frames, small enough for the pool.</summary>
    private const int FrameBytesMax = 16 * 1024;

    /// <summary>Time for a peer that does not read to take a close frame.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when nobody uses it any more.</summary>
    public Task Ended => _ended.Task;

    public async ValueTask<bool> WaitAsync()
    {
        var result = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);
        return await IsDataAsync(result).ConfigureAwait(false);
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false);
            if (!await IsDataAsync(result).ConfigureAwait(false))
            {
                return 0;
            }

            // [MQTT-6.0.0-2] Packets and frames have nothing to do with each other; an empty frame is none of the stream's ends.
            if (result.Count > 0)
            {
                return result.Count;
            }
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var frame = bytes[..Math.Min(bytes.Length, FrameBytesMax)];
            await socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
            bytes = bytes[frame.Length..];
        }
    }

    /// <summary>The peer answers with a close frame of its own, which ends receiving.</summary>
    public ValueTask EndAsync() => CloseAsync(WebSocketCloseStatus.NormalClosure, reason: null);

    public void Abort()
    {
        socket.Abort();
        abort();
    }

    public void Dispose()
    {
        socket.Dispose();
        _ended.TrySetResult();
    }

    private async ValueTask<bool> IsDataAsync(ValueWebSocketReceiveResult result)
    {
        switch (result.MessageType)
        {
            case WebSocketMessageType.Binary:
                return true;
            case WebSocketMessageType.Text:
                // [MQTT-6.0.0-1] Binary frames only; anything else closes the connection.
                await CloseAsync(WebSocketCloseStatus.InvalidMessageType, "MQTT comes in binary frames.").ConfigureAwait(false);
                return false;
            default:
                await CloseAsync(WebSocketCloseStatus.NormalClosure, reason: null).ConfigureAwait(false);
                return false;
        }
    }

    private async ValueTask CloseAsync(WebSocketCloseStatus status, string? reason)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            using var patience = new CancellationTokenSource(GoodbyeTimeout, time);
            await socket.CloseOutputAsync(status, reason, patience.Token).ConfigureAwait(false);
        }
    }
}
