namespace IotPlatform.Embedded;

/// <summary>
/// The caller's side of a call that did not complete at once: the task it awaits, its deadline and its cancellation.
/// Whichever comes first ends it; the callee goes on in any case.
/// </summary>
internal abstract class PendingCall(MethodContract method)
{
    private CancellationTokenRegistration _cancellation;

    public MethodContract Method { get; } = method;

    public abstract Task Task { get; }

    public bool IsEnded => Task.IsCompleted;

    /// <summary>Timestamp at which the caller stops waiting; read and written by <see cref="ResponseDeadlines"/>.</summary>
    public long Deadline { get; set; }

    public ResponseDeadlines.DeadlineList? Deadlines { get; set; }

    /// <summary>The activation that runs it, where it had started before it became pending.</summary>
    public Activation? Callee { get; set; }

    public PendingCall? Previous { get; set; }

    public PendingCall? Following { get; set; }

    public CalleeToken? Token { get; private set; }

    public void CancelWith(CalleeToken? token)
    {
        if (token is not null)
        {
            Token = token;
            _cancellation = token.Caller.UnsafeRegister(static call => ((PendingCall)call!).Cancel(), this);
        }
    }

    public void CompleteFrom(Task finished)
    {
        Forget();
        TrySetFrom(finished);
    }

    public void Fail(Exception exception)
    {
        Forget();
        TrySetException(exception);
    }

    public void TimeOut(TimeSpan timeout)
    {
        _cancellation.Unregister();
        TrySetException(new TimeoutException($"{Method.Name} did not answer within {timeout}. It goes on; whether it succeeds is unknown."));
    }

    protected abstract bool TrySetFrom(Task finished);

    protected abstract bool TrySetException(Exception exception);

    protected abstract bool TrySetCanceled(CancellationToken cancellationToken);

    // The caller goes on at once; the callee is told, and may go on as well.
    private void Cancel()
    {
        Deadlines?.Remove(this);
        TrySetCanceled(Token!.Caller);
        Token.CancelCallee();
    }

    private void Forget()
    {
        _cancellation.Unregister();
        Deadlines?.Remove(this);
    }
}

internal sealed class PendingCall<TResult>(MethodContract method) : PendingCall(method)
{
    // Asynchronous, so that the caller's code never runs inside the callee's turn.
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Task Task => _answer.Task;

    protected override bool TrySetFrom(Task finished) => finished switch
    {
        { IsCompletedSuccessfully: true } => _answer.TrySetResult(finished is Task<TResult> result ? result.Result : default!),
        { IsCanceled: true } => TrySetCanceled(new CancellationToken(canceled: true)),
        _ => _answer.TrySetException(finished.Exception!.InnerExceptions),
    };

    protected override bool TrySetException(Exception exception) => _answer.TrySetException(exception);

    protected override bool TrySetCanceled(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);
}
