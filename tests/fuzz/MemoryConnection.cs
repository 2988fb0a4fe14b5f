using System.Net;
using IotPlatform.Sessions;
using IotPlatform.Transport;

namespace IotPlatform.Fuzz;

/// <summary>
/// A connection in memory that treats its protocol side as those over sockets do: bytes are handed over by one thread at a time, a pause ends with
/// <see cref="Resume"/> from wherever and lasts until then even where the client has gone, what came before the end is handed over, and the end is told once, last.
/// </summary>
internal sealed class MemoryConnection : IConnection, IThreadPoolWorkItem
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly IConnectionHandler _handler;
    private readonly ServerPackets _packets;
    private readonly Findings _findings;
    private readonly string _name;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _unread = new byte[256];
    private int _length;
    private int _given;
    private bool _isRunning;
    private bool _isPaused;
    private bool _isResumeWished;
    private bool _isClosing;
    private bool _isStopped;
    private bool _hasEnded;

    public MemoryConnection(MqttConnectionFactory factory, ServerPackets packets, Findings findings, string name, EndPoint client)
    {
        (_packets, _findings, _name, RemoteEndPoint) = (packets, findings, name, client);
        Id = ConnectionIds.Next();
        _handler = factory.Create(this);
    }

    public long Id { get; }

    public EndPoint RemoteEndPoint { get; }

    /// <summary>Bytes that the client still takes; past that it is slow.</summary>
    public int RoomBytes { get; init; } = int.MaxValue;

    /// <summary>Told once, when nothing more is sent.</summary>
    public Action? Closing { get; init; }

    public bool IsBacklogged => _packets.Bytes >= RoomBytes;

    public bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>Bytes of a packet whose end has not come.</summary>
    public int Unfinished { get; private set; }

    /// <summary>Bytes that the packet needs beyond those.</summary>
    public int Missing { get; private set; }

    /// <summary>The client sends.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isClosing || _hasEnded)
            {
                return;
            }

            if (_length + bytes.Length > _unread.Length)
            {
                Array.Resize(ref _unread, Math.Max(_unread.Length * 2, _length + bytes.Length));
            }

            bytes.CopyTo(_unread.AsSpan(_length));
            _length += bytes.Length;
            if (!TryBeginLocked())
            {
                return;
            }
        }

        Run();
    }

    /// <summary>The client is gone.</summary>
    public void Abort() => Close(isGraceful: false);

    /// <summary>Waits until the server has read what it was sent, or has ended the connection.</summary>
    public Task UntilReadAsync() => UntilAsync(() => _hasEnded || (!_isRunning && !_isPaused && _given == _length && !_isClosing), "what it was sent is read");

    public Task UntilEndedAsync() => UntilAsync(() => _hasEnded, "its end");

    public Task UntilEndedOrAsync(Func<bool> condition, string what) => UntilAsync(() => _hasEnded || condition(), what);

    public void Resume()
    {
        lock (_gate)
        {
            if (_isRunning)
            {
                // The wish may come before the pause that it ends, on another thread.
                _isResumeWished = true;
                return;
            }

            if (!_isPaused)
            {
                if (!_isClosing)
                {
                    _findings.Add($"{_name}: resumed without a pause");
                }

                return;
            }

            _isPaused = false;
            _isRunning = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Close(bool isGraceful)
    {
        lock (_gate)
        {
            if (_isClosing)
            {
                return;
            }

            _isClosing = true;
            Closing?.Invoke();
            if (_isRunning || _isPaused)
            {
                return;
            }

            _isRunning = true;
        }

        // Never on the caller's stack, which may hold the session's lock.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void CloseWith(ReadOnlySpan<byte> lastPacket)
    {
        lock (_gate)
        {
            Send(lastPacket);
            Close(isGraceful: true);
        }
    }

    public SendOutcome Send(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isClosing)
            {
                return SendOutcome.Closed;
            }

            if (_packets.Bytes >= RoomBytes)
            {
                return SendOutcome.Full;
            }

            _packets.Take(bytes);
            SignalLocked();
            return SendOutcome.Sent;
        }
    }

    void IThreadPoolWorkItem.Execute() => Run();

    private bool TryBeginLocked()
    {
        if (_isRunning || _isPaused)
        {
            return false;
        }

        return _isRunning = true;
    }

    private void Run()
    {
        while (TryTakeAll() is { } received)
        {
            int taken;
            int needed;
            ReceiveOutcome outcome;
            try
            {
                (taken, outcome) = _handler.Received(received, out needed);
            }
            catch (Exception exception)
            {
                _findings.AddException($"{_name}: {Convert.ToHexString(received)}", exception);
                (taken, outcome, needed) = (received.Length, ReceiveOutcome.Stop, 0);
            }

            if (!GoOn(received.Length, taken, needed, outcome))
            {
                return;
            }
        }

        End();
    }

    /// <returns>What is handed over next; null at the end.</returns>
    private byte[]? TryTakeAll()
    {
        lock (_gate)
        {
            if (_isStopped || (_isClosing && _given == _length))
            {
                return null;
            }

            // A copy of exactly that length: who reads beyond it fails.
            _given = _length;
            return _unread.AsSpan(0, _length).ToArray();
        }
    }

    /// <returns>Whether there is more to do.</returns>
    private bool GoOn(int given, int taken, int needed, ReceiveOutcome outcome)
    {
        lock (_gate)
        {
            if (taken > given || taken < 0)
            {
                _findings.Add($"{_name}: {taken} bytes of {given} were taken");
                taken = given;
            }

            _unread.AsSpan(taken, _length - taken).CopyTo(_unread);
            _length -= taken;
            _given -= taken;
            Unfinished = _given;
            Missing = needed > 0 ? needed - _given : _given > 0 ? 1 : 0;
            var isResumed = _isResumeWished;
            _isResumeWished = false;
            switch (outcome)
            {
                case ReceiveOutcome.Stop:
                    if (!_isClosing)
                    {
                        Closing?.Invoke();
                    }

                    _isClosing = _isStopped = true;
                    return true;
                case ReceiveOutcome.Pause when !isResumed:
                    _isPaused = true;
                    _isRunning = false;
                    break;
                case ReceiveOutcome.Continue when !_isClosing && _given == _length:
                    _isRunning = false;
                    break;
                default:
                    return true;
            }

            SignalLocked();
            return false;
        }
    }

    private void End()
    {
        try
        {
            _handler.Closed();
        }
        catch (Exception exception)
        {
            _findings.AddException($"{_name}: Closed", exception);
        }

        lock (_gate)
        {
            _hasEnded = true;
            SignalLocked();
        }
    }

    private void SignalLocked() => _changed.TrySetResult();

    private async Task UntilAsync(Func<bool> condition, string what)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (condition())
                {
                    return;
                }

                if (_changed.Task.IsCompleted)
                {
                    _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                _findings.Add($"{_name}: waited {Patience.TotalSeconds} s for {what}");
                return;
            }
        }
    }
}
