using System.Collections.Immutable;
using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <summary>A request that waits for an activation: a call or a timer's tick. Linked to the next one waiting.</summary>
internal abstract class Work
{
    public Work? Next { get; set; }

    public abstract Admission Admission { get; }

    /// <summary>Whether it counts as use of the activation.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>Nobody waits for it any more; it need not start.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Runs it in a clean execution context; exceptions come back in the task.</summary>
    public Task RunIn(object target)
    {
        CleanContext.Enter();
        try
        {
            return Run(target);
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }
    }

    public abstract void Finished(Task task);

    public abstract void Reject(Exception exception);

    /// <summary>Its activation is gone: it goes to a fresh one.</summary>
    public abstract void Redirect(GrainHome home, string key);

    protected abstract Task Run(object target);
}

/// <summary>A call that could not run at once.</summary>
internal sealed class QueuedCall<TBody>(PendingCall pending, TBody body) : Work
    where TBody : struct, ICallBody
{
    private readonly ImmutableDictionary<string, object>? _requestContext = RequestContext.Current;

    public override Admission Admission => pending.Method.Admission;

    public override bool IsAbandoned => pending.IsEnded;

    public override void Finished(Task task) => pending.CompleteFrom(task);

    public override void Reject(Exception exception) => pending.Fail(exception);

    public override void Redirect(GrainHome home, string key) => home.Send(key, this);

    protected override Task Run(object target)
    {
        if (_requestContext is not null)
        {
            RequestContext.Current = _requestContext;
        }

        return body.Invoke(target);
    }
}
