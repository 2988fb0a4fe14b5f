using System.Net;
using System.Net.Sockets;
using IotPlatform.Diagnostics;

namespace IotPlatform.Transport;

/// <summary>Accepts TCP connections for as long as it lives.</summary>
internal sealed partial class TcpListener(int pendingBytesMax, GatewayInstruments instruments, TimeProvider time, ILogger<TcpListener> logger)
    : IAsyncDisposable
{
    private const int Backlog = 4096;

    /// <summary>After the process has run out of file descriptors: time for connections to end.</summary>
    private static readonly TimeSpan AcceptRetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stopping = new();
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;

    /// <summary>The address it listens on, with the port that it got when it asked for port 0.</summary>
    public EndPoint LocalEndPoint => _socket!.LocalEndPoint!;

    /// <exception cref="SocketException">The address is in use or not this machine's.</exception>
    public void Start(IPEndPoint endPoint, Func<TcpConnection, IConnectionHandler> handlerFor)
    {
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (endPoint.Address.Equals(IPAddress.IPv6Any))
        {
            _socket.DualMode = true;
        }

        _socket.Bind(endPoint);
        _socket.Listen(Backlog);
        _accepting = AcceptAsync(_socket, handlerFor);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket?.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listening, Func<TcpConnection, IConnectionHandler> handlerFor)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listening.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                var connection = new TcpConnection(ConnectionIds.Next(), socket, pendingBytesMax);
                connection.Start(handlerFor(connection));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                instruments.AcceptFailed();
                LogAcceptFailed(logger, exception);
                await Task.Delay(AcceptRetryInterval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "A connection could not be accepted")]
    private static partial void LogAcceptFailed(ILogger logger, Exception exception);
}
