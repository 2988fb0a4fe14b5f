using System.Net;
using System.Net.Sockets;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>Stands between a client and a PostgreSQL server, and loses or holds up a connection where a test wants it.</summary>
internal sealed class LosingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private Loss? _loss;
    private int _losses;
    private volatile TaskCompletionSource? _hold;
    private int _answersToHeld;

    public LosingProxy(IPEndPoint server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that were lost on purpose.</summary>
    public int Losses => Volatile.Read(ref _losses);

    /// <summary>What the server has answered on connections that were held up, since they were let go.</summary>
    public int AnswersToHeld => Volatile.Read(ref _answersToHeld);

    /// <summary>Holds up the next connection on which the client begins a transaction, from that request on.</summary>
    /// <returns>Lets it go.</returns>
    public TaskCompletionSource HoldNext() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Loses the next connection on which the client says a word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="hasArrived">Whether the server hears it and answers; the answer is what is lost then.</param>
    public void LoseNext(string word, bool hasArrived) => Volatile.Write(ref _loss, new Loss(System.Text.Encoding.ASCII.GetBytes(word), hasArrived));

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (SocketException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(_server);
                var link = new Link();
                await Task.WhenAny(RequestsAsync(client, server, link), AnswersAsync(server, client, link));
            }
            catch (SocketException)
            {
                // The server is not there; the client finds its connection closed.
            }
        }
    }

    private async Task RequestsAsync(Socket client, Socket server, Link link)
    {
        var buffer = new byte[65_536];
        while (await client.ReceiveAsync(buffer) is > 0 and var length)
        {
            if (Volatile.Read(ref _loss) is { } loss && buffer.AsSpan(0, length).IndexOf(loss.Word) >= 0)
            {
                Volatile.Write(ref _loss, null);
                Interlocked.Increment(ref _losses);
                if (!loss.HasArrived)
                {
                    return;
                }

                link.LosesAnswers = true;
            }

            if (_hold is { } hold && buffer.AsSpan(0, length).IndexOf("BEGIN"u8) >= 0)
            {
                _hold = null;
                await hold.Task;
                link.WasHeld = true;
            }

            await server.SendAsync(buffer.AsMemory(0, length));
        }
    }

    private async Task AnswersAsync(Socket server, Socket client, Link link)
    {
        var buffer = new byte[65_536];
        while (await server.ReceiveAsync(buffer) is > 0 and var length && !link.LosesAnswers)
        {
            if (link.WasHeld)
            {
                Interlocked.Increment(ref _answersToHeld);
            }

            await client.SendAsync(buffer.AsMemory(0, length));
        }
    }

    private sealed record Loss(byte[] Word, bool HasArrived);

    private sealed class Link
    {
        private volatile bool _losesAnswers;
        private volatile bool _wasHeld;

        public bool LosesAnswers
        {
            get => _losesAnswers;
            set => _losesAnswers = value;
        }

        public bool WasHeld
        {
            get => _wasHeld;
            set => _wasHeld = value;
        }
    }
}
