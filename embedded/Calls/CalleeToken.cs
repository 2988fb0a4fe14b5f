namespace IotPlatform.Embedded;

/// <summary>
/// The callee's side of a caller's cancellation token: what the callee registers with it runs in turns of its own, not on the canceller's thread.
/// </summary>
internal sealed class CalleeToken(CancellationToken caller) : CancellationTokenSource
{
    /// <summary>The token that the caller gave.</summary>
    public CancellationToken Caller => caller;

    /// <summary>Who runs the call, once it has started; null for an observer.</summary>
    public Activation? Callee { get; set; }

    /// <summary>Gives a call a token of its own in the place of its caller's; null, and nothing changed, when that can not be cancelled.</summary>
    public static CalleeToken? For<TBody>(ref TBody body, CancellationToken caller)
        where TBody : struct, ICallBody
    {
        if (!caller.CanBeCanceled)
        {
            return null;
        }

        var token = new CalleeToken(caller);
        body.SetToken(token.Token);
        return token;
    }

    public void CancelCallee()
    {
        if (Callee is { } callee)
        {
            callee.Post(static self => ((CalleeToken)self!).Cancel(), this);
        }
        else
        {
            Cancel();
        }
    }
}
