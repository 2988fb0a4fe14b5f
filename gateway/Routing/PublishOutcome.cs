using IotPlatform.Mqtt;

namespace IotPlatform.Routing;

/// <summary>What became of a publish.</summary>
/// <param name="Reason">As the publisher is told.</param>
/// <param name="Accepted">Completes when other gateways have taken it; null when nobody is waited for.</param>
internal readonly record struct PublishOutcome(ReasonCode Reason, Task? Accepted)
{
    /// <summary>The reason, once other gateways have taken the publish: a client that is told so may forget it.</summary>
    public ValueTask<ReasonCode> WhenAcceptedAsync() => Accepted is { IsCompletedSuccessfully: false } ? WaitAsync(Accepted, Reason) : new(Reason);

    private static async ValueTask<ReasonCode> WaitAsync(Task accepted, ReasonCode reason)
    {
        await accepted.ConfigureAwait(false);
        return reason;
    }
}
