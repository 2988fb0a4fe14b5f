using System.Collections.Immutable;
using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <summary>A call that could not run at once.</summary>
internal sealed class QueuedCall<TBody>(PendingCall pending, TBody body) : Work
    where TBody : struct, ICallBody
{
    public override ImmutableDictionary<string, object>? Context { get; } = RequestContext.Current;

    public override Admission Admission => pending.Method.Admission;

    public override bool IsAbandoned => pending.IsEnded;

    public override void StartsIn(Activation activation)
    {
        if (pending.Token is { } token)
        {
            token.Callee = activation;
        }
    }

    public override void Finished(Task task) => pending.CompleteFrom(task);

    public override void Reject(Exception exception) => pending.Fail(exception);

    public override void Redirect(GrainHome home, string key) => home.Send(key, this);

    protected override Task Run(object target) => body.Invoke(target);
}
