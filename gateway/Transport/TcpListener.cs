using System.Net;
using System.Net.Sockets;
using IotPlatform.Diagnostics;

namespace IotPlatform.Transport;

/// <summary>Accepts TCP connections for as long as it lives.</summary>
/// <param name="accepted">Takes each socket; must not wait.</param>
/// <param name="instruments">Counts what could not be accepted.</param>
/// <param name="time">Measures the wait after that.</param>
/// <param name="logger">Is told of it.</param>
internal sealed partial class TcpListener(Action<Socket> accepted, GatewayInstruments instruments, TimeProvider time, ILogger<TcpListener> logger)
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
    public void Start(IPEndPoint endPoint)
    {
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (endPoint.Address.Equals(IPAddress.IPv6Any))
        {
            _socket.DualMode = true;
        }

        _socket.Bind(endPoint);
        _socket.Listen(Backlog);
        _accepting = AcceptAsync(_socket);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket?.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listening)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Hand(await listening.AcceptAsync(_stopping.Token).ConfigureAwait(false));
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

    private void Hand(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            accepted(socket);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // A client that is gone already is no reason to make the others wait.
            socket.Dispose();
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "A connection could not be accepted")]
    private static partial void LogAcceptFailed(ILogger logger, Exception exception);
}
