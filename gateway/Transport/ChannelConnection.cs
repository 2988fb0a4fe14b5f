using System.Buffers;
using System.Net;

namespace IotPlatform.Transport;

/// <summary>
/// A connection over something that can only be awaited: TLS, a WebSocket. It keeps what <see cref="TcpConnection"/> keeps: no buffer while it is idle, a
/// send that never blocks, and a bound on what waits for a slow peer. The first sender drains on its own thread for as long as the peer takes everything;
/// what others send meanwhile leaves together.
/// </summary>
/// <param name="id">Its number.</param>
/// <param name="channel">Belongs to it.</param>
/// <param name="client">Where the client is.</param>
/// <param name="pendingBytesMax">What may wait for a slow client.</param>
/// <param name="lingering">Bounds the time until the client has seen its end.</param>
/// <param name="left">Told the client's address at the end.</param>
/// <param name="logger">Told of what should not happen.</param>
internal sealed partial class ChannelConnection(
    long id, IByteChannel channel, EndPoint client, int pendingBytesMax, Lingering lingering, Action<EndPoint> left, ILogger<ChannelConnection> logger)
    : IConnection, ILingerer, IThreadPoolWorkItem
{
    private const int ReceiveBytes = 4096;

    /// <summary>Receives in a row before others get the thread.</summary>
    private const int ReceivesInARowMax = 16;

    // The values of _pause.
    private const int NotPaused = 0;
    private const int Paused = 1;
    private const int ResumeWished = 2;

    // The values of _turn: who may call the handler. The receiving task, and as long as it pauses nobody; the one that ends it while it waits; nobody.
    private const int Receiving = 0;
    private const int Waiting = 1;
    private const int Over = 2;

    /// <summary>Thrown away of what a client sends behind its end.</summary>
    private const int DiscardBytesMax = 256 * 1024;

    private readonly Lock _sendGate = new();
    private PendingBytes _sending = new();
    private PendingBytes _waiting = new();
    private IConnectionHandler _handler = null!;
    private byte[]? _buffer;
    private int _length;
    private int _pause;
    private IConnectionTap? _tap;
    private long _bytesSent;
    private bool _isSending;
    private bool _isClosing;
    private int _turn;
    private bool _hasSaidGoodbye;
    private bool _isFinished;
    private bool _isNotified;
    private bool _hasEnded;

    public long Id => id;

    public EndPoint RemoteEndPoint => client;

    public string? CertificateName { get; init; }

    public bool IsBacklogged
    {
        get
        {
            lock (_sendGate)
            {
                return _isSending;
            }
        }
    }

    /// <summary>Begins to receive.</summary>
    public void Start(IConnectionHandler handler)
    {
        _handler = handler;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Resume()
    {
        // The wish may come before the pause that it ends, on another thread.
        if (Interlocked.CompareExchange(ref _pause, ResumeWished, NotPaused) == Paused)
        {
            Volatile.Write(ref _pause, NotPaused);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    public int BytesPending
    {
        get
        {
            lock (_sendGate)
            {
                return _sending.Length + _waiting.Length;
            }
        }
    }

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public IConnectionTap? Tap
    {
        get => Volatile.Read(ref _tap);
        set => Volatile.Write(ref _tap, value);
    }

    public SendOutcome Send(ReadOnlySpan<byte> bytes)
    {
        lock (_sendGate)
        {
            var outcome = _isClosing ? SendOutcome.Closed : HasRoomLocked(bytes) ? SendOutcome.Sent : SendOutcome.Full;
            _tap?.Sent(bytes, outcome);
            if (outcome != SendOutcome.Sent)
            {
                return outcome;
            }

            _waiting.Append(bytes);
            _bytesSent += bytes.Length;
            if (_isSending)
            {
                return SendOutcome.Sent;
            }

            _isSending = true;
        }

        _ = DrainAsync();
        return SendOutcome.Sent;
    }

    public void Close(bool isGraceful)
    {
        bool hasToEnd;
        lock (_sendGate)
        {
            hasToEnd = !_isClosing && !_isSending;
            _isClosing = true;

            // A drain that is under way says goodbye behind the last byte; the peer's own close or the watch over silent peers ends it otherwise.
            _isSending |= isGraceful && hasToEnd;
        }

        if (!isGraceful)
        {
            channel.Abort();
        }
        else if (hasToEnd)
        {
            _ = DrainAsync();
        }
    }

    public void CloseWith(ReadOnlySpan<byte> lastPacket)
    {
        lock (_sendGate)
        {
            if (_isClosing)
            {
                return;
            }

            var hasRoom = HasRoomLocked(lastPacket);
            _tap?.Sent(lastPacket, hasRoom ? SendOutcome.Sent : SendOutcome.Full);
            if (hasRoom)
            {
                _waiting.Append(lastPacket);
                _bytesSent += lastPacket.Length;
            }

            _isClosing = true;
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        _ = DrainAsync();
    }

    // Its own task throws away what comes, and ends it.
    bool ILingerer.Discard() => !Volatile.Read(ref _hasEnded);

    void ILingerer.GiveUp() => GiveUp();

    /// <summary>Receives, on a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute() => _ = ReceiveAsync();

    private async Task ReceiveAsync()
    {
        try
        {
            if (!await ReceiveUntilEndAsync().ConfigureAwait(false))
            {
                return;
            }
        }
        catch (Exception exception) when (ChannelFault.IsEnd(exception))
        {
            // The end, in other words.
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, id);
        }

        End();
    }

    private bool HasRoomLocked(ReadOnlySpan<byte> bytes) => !_isSending || _sending.Length + _waiting.Length + bytes.Length <= pendingBytesMax;

    /// <returns>False when it pauses.</returns>
    private async Task<bool> ReceiveUntilEndAsync()
    {
        for (var i = 1; ; i++)
        {
            // What a paused handler left behind comes first.
            var outcome = _length > 0 ? Handle() : ReceiveOutcome.Continue;
            if (outcome == ReceiveOutcome.Pause && TryPause())
            {
                return false;
            }

            if (outcome == ReceiveOutcome.Stop)
            {
                Close(isGraceful: true);
                NotifyClosed();
                await DiscardAsync().ConfigureAwait(false);
                return true;
            }

            if (outcome == ReceiveOutcome.Continue && !await TryReceiveInTurnAsync().ConfigureAwait(false))
            {
                return true;
            }

            if (i % ReceivesInARowMax == 0)
            {
                await Task.Yield();
            }
        }
    }

    private ReceiveOutcome Handle()
    {
        var (taken, outcome) = _handler.Received(_buffer.AsSpan(0, _length), out var needed);
        _length -= taken;
        _buffer.AsSpan(taken, _length).CopyTo(_buffer);
        if (needed > _buffer!.Length)
        {
            Enlarge(needed);
        }

        return outcome;
    }

    private bool TryPause()
    {
        ReturnBufferIfEmpty();
        if (Interlocked.CompareExchange(ref _pause, Paused, NotPaused) == NotPaused)
        {
            return true;
        }

        Volatile.Write(ref _pause, NotPaused);
        return false;
    }

    /// <returns>False when the channel is over.</returns>
    private async ValueTask<bool> TryReceiveAsync()
    {
        ReturnBufferIfEmpty();
        if (_buffer is null && !await channel.WaitAsync().ConfigureAwait(false))
        {
            return false;
        }

        _buffer ??= ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        var received = await channel.ReceiveAsync(_buffer.AsMemory(_length)).ConfigureAwait(false);
        _length += received;
        return received > 0;
    }

    /// <returns>False when the channel is over, or the handler is not to be called any more.</returns>
    private async ValueTask<bool> TryReceiveInTurnAsync()
    {
        Interlocked.Exchange(ref _turn, Waiting);
        EndWhileWaiting();
        bool isMine;
        bool isThere;
        try
        {
            isThere = await TryReceiveAsync().ConfigureAwait(false);
        }
        finally
        {
            isMine = Interlocked.CompareExchange(ref _turn, Receiving, Waiting) == Waiting;
        }

        if (isThere && !isMine)
        {
            await DiscardAsync().ConfigureAwait(false);
        }

        return isThere && isMine;
    }

    // Whoever has said goodbye, and the receiving side that begins to wait: one of the two sees the other. Not on this thread, which may hold locks.
    private void EndWhileWaiting()
    {
        if (Volatile.Read(ref _isFinished) && Interlocked.CompareExchange(ref _turn, Over, Waiting) == Waiting)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.NotifyClosed(), this, preferLocal: false);
        }
    }

    /// <summary>Takes what comes until the peer has seen the goodbye: a socket closed with bytes unread takes back the last words on their way.</summary>
    private async Task DiscardAsync()
    {
        var discarded = 0;
        do
        {
            discarded += _length;
            _length = 0;
        }
        while (discarded < DiscardBytesMax && await TryReceiveAsync().ConfigureAwait(false));
    }

    // The handler is told at once. Its peer gets a short while to see the end; one that ended first needs none.
    private void NotifyClosed()
    {
        if (Interlocked.Exchange(ref _isNotified, true))
        {
            return;
        }

        if (!Volatile.Read(ref _hasEnded) && !lingering.TryAdd(this))
        {
            GiveUp();
        }

        left(client);
        _handler.Closed();
    }

    // What carried it may be somebody else's by then: a request that has ended is none to abort.
    private void GiveUp()
    {
        lock (_sendGate)
        {
            if (!_hasEnded)
            {
                channel.Abort();
            }
        }
    }

    private void Enlarge(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(needed);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer!);
        _buffer = larger;
    }

    private void ReturnBufferIfEmpty()
    {
        if (_length == 0 && _buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }
    }

    /// <summary>Nothing more is received.</summary>
    private void End()
    {
        _length = 0;
        ReturnBufferIfEmpty();
        bool isSending;
        lock (_sendGate)
        {
            _isClosing = true;
            _hasEnded = true;
            isSending = _isSending;
        }

        if (isSending)
        {
            // Whoever sends fails, and disposes of it.
            channel.Abort();
        }
        else
        {
            channel.Dispose();
        }

        NotifyClosed();
    }

    /// <summary>Sends until nothing waits, and then goodbye where it is to be closed. Run by one at a time, whoever set <see cref="_isSending"/>.</summary>
    private async Task DrainAsync()
    {
        try
        {
            while (TakeNext() is { } bytes)
            {
                await SendAsync(bytes).ConfigureAwait(false);
                if (bytes.IsEmpty)
                {
                    Volatile.Write(ref _isFinished, true);
                    EndWhileWaiting();
                }
            }
        }
        catch (Exception exception)
        {
            if (!ChannelFault.IsEnd(exception))
            {
                LogFailed(logger, exception, id);
            }

            GiveUpSending();
        }
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => bytes.IsEmpty ? channel.EndAsync() : channel.SendAsync(bytes);

    /// <returns>What is to be sent next; empty for the goodbye, null for nothing: then another one may drain.</returns>
    private ReadOnlyMemory<byte>? TakeNext()
    {
        lock (_sendGate)
        {
            _sending.Return();
            if (_waiting.Length > 0)
            {
                (_sending, _waiting) = (_waiting, _sending);
                return _sending.Bytes;
            }

            if (_isClosing && !_hasSaidGoodbye)
            {
                _hasSaidGoodbye = true;
                return ReadOnlyMemory<byte>.Empty;
            }

            _isSending = false;
            if (_hasEnded)
            {
                channel.Dispose();
            }

            return null;
        }
    }

    private void GiveUpSending()
    {
        lock (_sendGate)
        {
            _waiting.Return();
            _isClosing = true;
            _hasSaidGoodbye = true;
        }

        // The receiving side sees the end.
        channel.Abort();
        TakeNext();
    }

    [LoggerMessage(4010, LogLevel.Error, "Connection {ConnectionId} ended for a fault of the gateway's own")]
    private static partial void LogFailed(ILogger logger, Exception exception, long connectionId);
}
