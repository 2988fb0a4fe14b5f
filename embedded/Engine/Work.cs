using System.Collections.Immutable;

namespace IotPlatform.Embedded;

/// <summary>A request that waits for an activation: a call or a timer's tick. Linked to the next one waiting.</summary>
internal abstract class Work
{
    public Work? Next { get; set; }

    public abstract Admission Admission { get; }

    /// <summary>What flows down the chain of calls with it.</summary>
    public virtual ImmutableDictionary<string, object>? Context => null;

    /// <summary>Whether it counts as use of the activation.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>Nobody waits for it any more; it need not start.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Runs it in a clean execution context; exceptions come back in the task.</summary>
    public Task RunIn(object target)
    {
        CleanContext.Enter(Context);
        try
        {
            return Run(target) ?? NoTask();
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

    /// <summary>The answer of a method that broke its contract and returned null.</summary>
    public static Task NoTask() => Task.FromException(new InvalidOperationException("A grain method must return a task, not null."));

    /// <summary>It starts in this activation.</summary>
    public virtual void StartsIn(Activation activation)
    {
    }

    protected abstract Task Run(object target);
}
