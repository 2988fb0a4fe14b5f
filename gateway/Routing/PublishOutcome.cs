using IotPlatform.Mqtt;

namespace IotPlatform.Routing;

/// <summary>What became of a publish.</summary>
/// <param name="Reason">As the publisher is told.</param>
/// <param name="Accepted">Completes when other gateways, and sessions that are kept, have taken it, or with false when one has not; null when nobody is waited for.</param>
internal readonly record struct PublishOutcome(ReasonCode Reason, Task<bool>? Accepted)
{
    /// <summary>The reason, once all have taken the publish: a client that is told so may forget it.</summary>
    public ValueTask<ReasonCode> WhenAcceptedAsync() => Accepted is null ? new(Reason) : WaitAsync(Accepted, Reason);

    private static async ValueTask<ReasonCode> WaitAsync(Task<bool> accepted, ReasonCode reason) =>
        await accepted.ConfigureAwait(false) ? reason : ReasonCode.UnspecifiedError;
}
