
namespace IotPlatform.Embedded;

/// <content>Its turns: one at a time, on whichever thread holds <c>_isExecuting</c>.</content>
internal sealed partial class Activation
{
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (this)
        {
            AddTurnLocked(new Turn(d, state));
        }
    }

    /// <summary>Not supported: it would block the caller's thread on the grain's turns.</summary>
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("A grain is never waited for synchronously.");

    public override SynchronizationContext CreateCopy() => this;

    void IThreadPoolWorkItem.Execute()
    {
        SetSynchronizationContext(this);
        var yieldAt = Environment.TickCount64 + QuantumMilliseconds;
        while (TryTakeTurn(out var turn))
        {
            RunTurn(turn);
            if (Environment.TickCount64 > yieldAt)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                break;
            }
        }

        SetSynchronizationContext(null);
    }

    private bool TryTakeTurn(out Turn turn)
    {
        lock (this)
        {
            turn = _turn;
            if (turn.IsThere)
            {
                _turn = default;
                _turns?.TryDequeue(out _turn);
                return true;
            }

            _isExecuting = false;

            // The queue's memory is not worth keeping for an activation that may now idle for hours.
            _turns = null;
            return false;
        }
    }

    private void RunTurn(Turn turn)
    {
        if (turn.Work is { } work)
        {
            Start(work);
            return;
        }

        try
        {
            CleanContext.Enter();
            turn.Callback!(turn.State);
        }
        catch (Exception exception)
        {
            // Only an async void method of the grain gets here; nobody waits for it.
            LogTurnFailed(Engine.Logger, exception, home.GrainClass.Name, key);
        }
    }

    private void Start(Work work)
    {
        if (work.IsAbandoned)
        {
            Finish(work.Admission, isUse: false);
            return;
        }

        work.StartsIn(this);
        var task = work.RunIn(Grain!);
        if (task.IsCompleted)
        {
            Finish(work.Admission, work.KeepsAlive);
            work.Finished(task);
            return;
        }

        task.ContinueWith(
            static (finished, state) =>
            {
                var (self, work) = ((Activation, Work))state!;
                self.Finish(work.Admission, work.KeepsAlive);
                work.Finished(finished);
            },
            (this, work), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void ExitTurn(Admission admission, bool isFinished)
    {
        lock (this)
        {
            if (isFinished)
            {
                FinishedLocked(admission, isUse: true);
            }

            LeaveTurnLocked();
        }
    }

    private void LeaveTurnLocked()
    {
        if (_turn.IsThere)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
            return;
        }

        _isExecuting = false;
    }

    private void AddTurnLocked(Turn turn)
    {
        if (_turn.IsThere)
        {
            (_turns ??= new Queue<Turn>()).Enqueue(turn);
        }
        else
        {
            _turn = turn;
        }

        if (!_isExecuting)
        {
            _isExecuting = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }

    /// <summary>What one turn runs: the start of a request, or a continuation.</summary>
    private readonly struct Turn
    {
        private readonly object? _what;

        public Turn(Work work) => _what = work;

        public Turn(SendOrPostCallback callback, object? state)
        {
            _what = callback;
            State = state;
        }

        public bool IsThere => _what is not null;

        public object? State { get; }

        public Work? Work => _what as Work;

        public SendOrPostCallback? Callback => _what as SendOrPostCallback;
    }
}
