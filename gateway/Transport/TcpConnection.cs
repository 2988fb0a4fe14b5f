using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace IotPlatform.Transport;

/// <summary>
/// A TCP connection that costs next to nothing while it is idle: it waits with a receive of no bytes, and holds a buffer only while bytes are in hand.
/// Sends go straight into the socket on the sender's thread; only what the socket does not take is copied, and drained asynchronously. It is its own
/// receive operation, to save an object a connection.
/// </summary>
internal sealed class TcpConnection : SocketAsyncEventArgs, IConnection, ILingerer, IThreadPoolWorkItem
{
    private const int ReceiveBytes = 4096;

    /// <summary>Receives in a row before others get the thread.</summary>
    private const int ReceivesInARowMax = 16;

    // The values of _pause.
    private const int NotPaused = 0;
    private const int Paused = 1;
    private const int ResumeWished = 2;

    // The values of _turn: who may call the handler. A thread that receives, and as long as it pauses nobody; the one that ends it while it waits; nobody.
    private const int Receiving = 0;
    private const int Waiting = 1;
    private const int Over = 2;

    // The values of _closed.
    private const int NotClosed = 0;
    private const int Finished = 1;
    private const int Aborted = 2;

    private readonly Socket _socket;

    /// <summary>The socket's, for <see cref="SystemSend"/>, which is called only by who holds the lock and has seen that the connection is not over: it is closed under the lock as well.</summary>
    private readonly int _descriptor;
    private readonly int _pendingBytesMax;
    private readonly Lingering _lingering;
    private readonly Action<EndPoint> _left;
    private IConnectionHandler _handler = null!;
    private SendDrain? _drain;
    private byte[]? _carry;
    private int _carryLength;
    private IConnectionTap? _tap;
    private long _bytesSent;
    private int _pause;
    private int _turn;
    private bool _isClosing;
    private bool _hasPeerEnded;
    private int _closed;

    /// <param name="id">Its number.</param>
    /// <param name="socket">Belongs to it.</param>
    /// <param name="client">Where the client is.</param>
    /// <param name="pendingBytesMax">What may wait for a slow client.</param>
    /// <param name="lingering">Takes over what is left of it until the client has seen its end.</param>
    /// <param name="left">Told the client's address at the end.</param>
    public TcpConnection(long id, Socket socket, EndPoint client, int pendingBytesMax, Lingering lingering, Action<EndPoint> left)
        : base(unsafeSuppressExecutionContextFlow: true)
    {
        Id = id;
        _socket = socket;
        _pendingBytesMax = pendingBytesMax;
        _socket.Blocking = false;
        _descriptor = (int)_socket.Handle;
        _lingering = lingering;
        _left = left;
        RemoteEndPoint = client;
    }

    public long Id { get; }

    public bool IsBacklogged
    {
        get
        {
            lock (this)
            {
                return _drain is { IsBusy: true };
            }
        }
    }

    public int BytesPending
    {
        get
        {
            lock (this)
            {
                return _drain?.BytesPending ?? 0;
            }
        }
    }

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public IConnectionTap? Tap
    {
        get => Volatile.Read(ref _tap);
        set => Volatile.Write(ref _tap, value);
    }

    EndPoint IConnection.RemoteEndPoint => base.RemoteEndPoint!;

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
            GoOn();
        }
    }

    public SendOutcome Send(ReadOnlySpan<byte> bytes)
    {
        lock (this)
        {
            return SendLocked(bytes);
        }
    }

    public void Close(bool isGraceful)
    {
        if (!isGraceful)
        {
            Shut();
            return;
        }

        lock (this)
        {
            if (_drain is { IsBusy: true })
            {
                // The drain closes it when the last byte is out; the peer's own close or the watch over silent peers ends it otherwise.
                _isClosing = true;
                return;
            }
        }

        Finish();
    }

    public void CloseWith(ReadOnlySpan<byte> lastPacket)
    {
        lock (this)
        {
            Send(lastPacket);
            _isClosing = true;
        }

        Close(isGraceful: true);
    }

    /// <summary>Receives, on a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute() => Receive();

    bool ILingerer.Discard()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Lingering.LookBytes);
        var received = ReceiveNow(buffer.AsSpan(0, Lingering.LookBytes));
        ArrayPool<byte>.Shared.Return(buffer);
        return received != 0;
    }

    void ILingerer.GiveUp() => CloseSocket();

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (TryTakeTurn())
        {
            Receive();
        }
    }

    private SendOutcome SendLocked(ReadOnlySpan<byte> bytes)
    {
        if (_isClosing || _closed != 0)
        {
            _tap?.Sent(bytes, SendOutcome.Closed);
            return SendOutcome.Closed;
        }

        if (_drain is { IsBusy: true })
        {
            if (!_drain.TryAppend(bytes, _pendingBytesMax))
            {
                _tap?.Sent(bytes, SendOutcome.Full);
                return SendOutcome.Full;
            }

            TakenLocked(bytes);
            return SendOutcome.Sent;
        }

        // Before it is on its way: the client may answer before the call returns. Where the connection breaks just then, its close is noted next.
        TakenLocked(bytes);
        var sent = SendNow(bytes);
        if (sent < 0)
        {
            return SendOutcome.Closed;
        }

        if (sent < bytes.Length)
        {
            _drain ??= new SendDrain(this);
            _drain.Begin(bytes[sent..]);
        }

        return SendOutcome.Sent;
    }

    private void TakenLocked(ReadOnlySpan<byte> bytes)
    {
        _bytesSent += bytes.Length;
        _tap?.Sent(bytes, SendOutcome.Sent);
    }

    private void Receive()
    {
        do
        {
            if (!ReceiveAvailable())
            {
                return;
            }
        }
        while (!TryWait());
    }

    /// <returns>Whether to wait for more.</returns>
    private bool ReceiveAvailable()
    {
        if (Volatile.Read(ref _closed) == Finished)
        {
            // While it was not looked: nothing more is taken.
            NotifyClosed();
            return false;
        }

        var buffer = _carry ?? ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        var length = _carryLength;
        (_carry, _carryLength) = (null, 0);
        for (var i = 0; ; i++)
        {
            // What a paused handler left behind comes first.
            if (length > 0 && !Handle(ref buffer, ref length))
            {
                return false;
            }

            var received = ReceiveNow(buffer.AsSpan(length));
            if (received <= 0)
            {
                return Rest(buffer, length, isOpen: received < 0);
            }

            var isDrained = received < buffer.Length - length;
            length += received;
            if (!isDrained && i < ReceivesInARowMax)
            {
                continue;
            }

            if (!Handle(ref buffer, ref length))
            {
                return false;
            }

            return Rest(buffer, length, isOpen: true);
        }
    }

    /// <returns>Whether to go on; otherwise the buffer is taken care of.</returns>
    private bool Handle(ref byte[] buffer, ref int length)
    {
        var (taken, outcome) = _handler.Received(buffer.AsSpan(0, length), out var needed);
        length -= taken;
        buffer.AsSpan(taken, length).CopyTo(buffer);
        if (outcome == ReceiveOutcome.Continue)
        {
            if (needed > buffer.Length)
            {
                Enlarge(ref buffer, length, needed);
            }

            return true;
        }

        if (outcome == ReceiveOutcome.Pause)
        {
            Pause(buffer, length);
        }
        else
        {
            ArrayPool<byte>.Shared.Return(buffer);
            Close(isGraceful: true);
            NotifyClosed();
        }

        return false;
    }

    private void Pause(byte[] buffer, int length)
    {
        (_carry, _carryLength) = (buffer, length);
        if (Interlocked.CompareExchange(ref _pause, Paused, NotPaused) == ResumeWished)
        {
            GoOn();
        }
    }

    private void GoOn()
    {
        Volatile.Write(ref _pause, NotPaused);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private static void Enlarge(ref byte[] buffer, int length, int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(needed);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    /// <summary>Nothing more is there for now, or ever.</summary>
    private bool Rest(byte[] buffer, int length, bool isOpen)
    {
        if (isOpen && length > 0)
        {
            (_carry, _carryLength) = (buffer, length);
        }
        else
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (!isOpen)
        {
            _hasPeerEnded = true;
            Shut();
            NotifyClosed();
        }

        return isOpen;
    }

    /// <returns>Bytes; 0 when the connection is over, -1 when nothing is there.</returns>
    private int ReceiveNow(Span<byte> buffer)
    {
        try
        {
            var received = _socket.Receive(buffer, SocketFlags.None, out var error);
            return error == SocketError.Success ? received : error == SocketError.WouldBlock ? -1 : 0;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    /// <returns>Whether it waits; otherwise something is there already.</returns>
    private bool TryWait()
    {
        try
        {
            SetBuffer(Memory<byte>.Empty);
            Interlocked.Exchange(ref _turn, Waiting);
            if (!_socket.ReceiveAsync(this))
            {
                return !TryTakeTurn();
            }

            EndWhileWaiting();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private bool TryTakeTurn() => Interlocked.CompareExchange(ref _turn, Receiving, Waiting) == Waiting;

    // Whoever finishes it, and the receiving side that begins to wait: one of the two sees the other. Not on this thread, which may hold locks.
    private void EndWhileWaiting()
    {
        if (Volatile.Read(ref _closed) == Finished && Interlocked.CompareExchange(ref _turn, Over, Waiting) == Waiting)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.NotifyClosed(), this, preferLocal: false);
        }
    }

    /// <returns>Bytes; -1 when the connection is over.</returns>
    private int SendNow(ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(Monitor.IsEntered(this), "The descriptor may be another connection's by now.");
        if (SystemSend.IsSupported && SystemSend.Send(_descriptor, bytes) is >= 0 and var sentAtOnce)
        {
            return sentAtOnce;
        }

        try
        {
            // Says what is wrong, where something is.
            var sent = _socket.Send(bytes, SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                return sent;
            }

            if (error == SocketError.WouldBlock)
            {
                return 0;
            }
        }
        catch (ObjectDisposedException)
        {
            return -1;
        }

        // The receiving side notices, and ends it.
        Shut();
        return -1;
    }

    /// <summary>Ends what is sent, behind the last packet. The handler is told at once; what the peer sends until it has seen that is thrown away.</summary>
    private void Finish()
    {
        if (Interlocked.CompareExchange(ref _closed, Finished, NotClosed) == NotClosed)
        {
            Shutdown(SocketShutdown.Send);
            EndWhileWaiting();
        }
    }

    /// <summary>Ends the socket; the receiving side then sees the end, and tells the handler.</summary>
    private void Shut()
    {
        if (Interlocked.Exchange(ref _closed, Aborted) != Aborted)
        {
            Shutdown(SocketShutdown.Both);
        }
    }

    private void Shutdown(SocketShutdown how)
    {
        try
        {
            _socket.Shutdown(how);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer was first.
        }
    }

    private void NotifyClosed()
    {
        Volatile.Write(ref _turn, Over);
        if (_carry is { } carry)
        {
            _carry = null;
            ArrayPool<byte>.Shared.Return(carry);
        }

        if (_hasPeerEnded || Volatile.Read(ref _closed) == Aborted || !_lingering.TryAdd(this))
        {
            CloseSocket();
        }

        _left(RemoteEndPoint!);
        _handler.Closed();
    }

    private void CloseSocket()
    {
        lock (this)
        {
            Debug.Assert(_isClosing || _closed != NotClosed, "Somebody may still send to it.");
            _socket.Dispose();
        }
    }

    /// <summary>
    /// Sends what the socket would not take at once. Made when a connection is slow for the first time; guarded by the connection's lock. What is
    /// being sent is not touched, so what comes meanwhile waits in a buffer of its own.
    /// </summary>
    private sealed class SendDrain(TcpConnection connection) : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true)
    {
        private PendingBytes? _sending;
        private PendingBytes? _next;

        public bool IsBusy => _sending is not null;

        public int BytesPending => (_sending?.Length ?? 0) + (_next?.Length ?? 0);

        public bool TryAppend(ReadOnlySpan<byte> bytes, int pendingBytesMax)
        {
            if (_sending!.Length + (_next?.Length ?? 0) + bytes.Length > pendingBytesMax)
            {
                return false;
            }

            if (_next is null)
            {
                _next = new PendingBytes(bytes);
            }
            else
            {
                _next.Append(bytes);
            }

            return true;
        }

        public void Begin(ReadOnlySpan<byte> bytes)
        {
            _sending = new PendingBytes(bytes);
            Continue();
        }

        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            bool isOver;
            lock (connection)
            {
                Sent();
                Continue();
                isOver = !IsBusy && connection._isClosing;
            }

            if (isOver)
            {
                connection.Finish();
            }
        }

        /// <summary>Sends until the socket takes no more, or nothing is left.</summary>
        private void Continue()
        {
            while (_sending is not null && !TryStart())
            {
                Sent();
            }
        }

        /// <returns>Whether it is under way; otherwise it is done already.</returns>
        private bool TryStart()
        {
            try
            {
                SetBuffer(MemoryMarshal.AsMemory(_sending!.Bytes));
                return connection._socket.SendAsync(this);
            }
            catch (ObjectDisposedException)
            {
                SocketError = SocketError.OperationAborted;
                return false;
            }
        }

        private void Sent()
        {
            if (SocketError != SocketError.Success)
            {
                // The receiving side ends the connection; nothing more can be sent.
                _next?.Return();
                _next = null;
                Finish();
                connection._isClosing = true;
                return;
            }

            _sending!.Advance(BytesTransferred);
            if (_sending.Length == 0)
            {
                Finish();
            }
        }

        private void Finish()
        {
            _sending!.Return();
            (_sending, _next) = (_next, null);
        }
    }
}
