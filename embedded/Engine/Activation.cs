using Orleans;
using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <summary>
/// One grain object in memory and its turns. Invariant: at most one turn runs at any moment, on whichever thread holds <c>_isExecuting</c>.
/// A turn is the synchronous stretch of code between two awaits. Being the grain's synchronization context, it gets every continuation of the
/// grain's code as a turn of its own. It is its own lock, and its queues exist only while they hold something: there may be millions.
/// </summary>
internal sealed partial class Activation(GrainHome home, string key) : SynchronizationContext, IGrainContext, IThreadPoolWorkItem
{
    /// <summary>A call into an idle activation runs on the caller's stack, nested at most so deep.</summary>
    private const int InlineDepthMax = 16;

    /// <summary>After so long the activation yields its thread to others. Source: Orleans' ActivationSchedulingQuantum.</summary>
    private const long QuantumMilliseconds = 100;

    [ThreadStatic]
    private static int t_inlineDepth;

    // The next turn, and those behind it: mostly there is one at a time.
    private Turn _turn;
    private Queue<Turn>? _turns;
    private Work? _firstWaiting;
    private Work? _lastWaiting;
    private int _waitingCount;
    private int _runningCount;
    private int _readersCount;
    private bool _isWriterRunning;
    private bool _isExecuting;
    private volatile ActivationStatus _status;
    private object? _deactivationReason;
    private List<GrainTimer>? _timers;
    private TaskCompletionSource? _deactivated;
    private long _lastUsed = home.Engine.CoarseNow;
    private long _keepUntil;

    /// <summary>The activation whose turn this thread is running, if any.</summary>
    public static new Activation? Current => SynchronizationContext.Current as Activation;

    public EmbeddedEngine Engine => home.Engine;

    public string Key => key;

    public Grain? Grain { get; private set; }

    object? IGrainContext.GrainInstance => Grain;

    public bool IsGone => _status == ActivationStatus.Gone;

    public Task Deactivated
    {
        get
        {
            lock (this)
            {
                _deactivated ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_status == ActivationStatus.Gone)
                {
                    _deactivated.TrySetResult();
                }

                return _deactivated.Task;
            }
        }
    }

    /// <summary>Whether no request runs or waits; for choosing among stateless workers.</summary>
    public bool IsFree => !_isExecuting && _runningCount == 0;

    /// <summary>
    /// Calls the grain: at once on this thread when it is idle, otherwise when its turn comes.
    /// </summary>
    /// <returns>The answer; null when the activation is gone and the call belongs to a fresh one.</returns>
    public Task? Call<TBody>(MethodContract method, TBody body, CalleeToken? token)
        where TBody : struct, ICallBody
    {
        if (t_inlineDepth < InlineDepthMax && ExecutionContext.Capture() is { } callerContext)
        {
            switch (TryEnter(method.Admission))
            {
                case Entry.Granted:
                    return CallHere(method, body, callerContext, token);
                case Entry.GrantedToActivate:
                    return ActivateAndCallHere(method, body, callerContext, token);
            }
        }

        if (_status == ActivationStatus.Gone)
        {
            return null;
        }

        var pending = Engine.NewPendingCall(method, token);
        home.Send(key, new QueuedCall<TBody>(pending, body));
        return pending.Task;
    }

    public override string ToString() => $"{home.GrainClass.Name}({key})";

    private Entry TryEnter(Admission admission)
    {
        lock (this)
        {
            if (_isExecuting || _turn.IsThere)
            {
                return Entry.Refused;
            }

            if (_status == ActivationStatus.Created)
            {
                _status = ActivationStatus.Activating;
                _isExecuting = true;
                return Entry.GrantedToActivate;
            }

            if (_status != ActivationStatus.Valid || _deactivationReason is not null || !MayStartLocked(admission))
            {
                return Entry.Refused;
            }

            StartedLocked(admission);
            _isExecuting = true;
            return Entry.Granted;
        }
    }

    private Task CallHere<TBody>(MethodContract method, TBody body, ExecutionContext callerContext, CalleeToken? token)
        where TBody : struct, ICallBody
    {
        if (token is not null)
        {
            token.Callee = this;
        }

        var task = InvokeHere(method, body, callerContext);
        if (task.IsCompleted)
        {
            ExitTurn(method.Admission, isFinished: true);
            return task;
        }

        var pending = Engine.NewPendingCall(method, token);
        pending.Callee = this;
        task.ContinueWith(
            static (finished, state) =>
            {
                var call = (PendingCall)state!;
                call.Callee!.Finish(call.Method.Admission, isUse: true);
                call.CompleteFrom(finished);
            },
            pending, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        ExitTurn(method.Admission, isFinished: false);
        return pending.Task;
    }

    private Task InvokeHere<TBody>(MethodContract method, TBody body, ExecutionContext callerContext)
        where TBody : struct, ICallBody
    {
        var requestContext = RequestContext.Current;
        var callerSynchronization = SynchronizationContext.Current;
        t_inlineDepth++;
        SetSynchronizationContext(this);
        CleanContext.Enter(requestContext);
        try
        {
            return body.Invoke(Grain!) ?? method.FromException(Work.NoTask().Exception!.InnerException!);
        }
        catch (Exception exception)
        {
            return method.FromException(exception);
        }
        finally
        {
            ExecutionContext.Restore(callerContext);
            SetSynchronizationContext(callerSynchronization);
            t_inlineDepth--;
        }
    }

    private Task? ActivateAndCallHere<TBody>(MethodContract method, TBody body, ExecutionContext callerContext, CalleeToken? token)
        where TBody : struct, ICallBody
    {
        var callerSynchronization = SynchronizationContext.Current;
        var requestContext = RequestContext.Current;
        t_inlineDepth++;
        SetSynchronizationContext(this);
        var failure = BeginActivation(requestContext);
        SetSynchronizationContext(callerSynchronization);
        ExecutionContext.Restore(callerContext);
        t_inlineDepth--;

        if (failure is not null)
        {
            return method.FromException(failure);
        }

        if (TryStartFirst(method.Admission))
        {
            return CallHere(method, body, callerContext, token);
        }

        var pending = Engine.NewPendingCall(method, token);
        home.Send(key, new QueuedCall<TBody>(pending, body));
        return pending.Task;
    }

    /// <summary>After an activation on this thread: goes on with the call that caused it, if the grain is ready and nobody else came first.</summary>
    private bool TryStartFirst(Admission admission)
    {
        lock (this)
        {
            if (_status == ActivationStatus.Valid && _deactivationReason is null && _firstWaiting is null && !_turn.IsThere && _runningCount == 0)
            {
                StartedLocked(admission);
                return true;
            }

            LeaveTurnLocked();
            return false;
        }
    }

    private enum Entry : byte
    {
        Refused,
        Granted,
        GrantedToActivate,
    }
}
