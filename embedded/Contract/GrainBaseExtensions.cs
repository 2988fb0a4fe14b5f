using IotPlatform.Embedded;
using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain can ask of its activation.</summary>
public static class GrainBaseExtensions
{
    /// <summary>Asks for deactivation as soon as no request is running; queued requests go to a fresh activation.</summary>
    public static void DeactivateOnIdle(this IGrainBase grain) =>
        ActivationOf(grain).Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The grain asked for it."));

    /// <summary>
    /// Starts a timer whose callback runs in turns of the grain. It never overlaps itself: the period counts from the callback's end.
    /// It stops when the activation begins to deactivate.
    /// </summary>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
        ActivationOf(grain).RegisterTimer(callback, options);

    /// <inheritdoc cref="RegisterGrainTimer(IGrainBase, Func{CancellationToken, Task}, GrainTimerCreationOptions)"/>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options) =>
        ActivationOf(grain).RegisterTimer(_ => callback(), options);

    /// <inheritdoc cref="RegisterGrainTimer(IGrainBase, Func{CancellationToken, Task}, GrainTimerCreationOptions)"/>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) =>
        ActivationOf(grain).RegisterTimer(cancellationToken => callback(state, cancellationToken), options);

    private static Activation ActivationOf(IGrainBase grain) =>
        grain?.GrainContext as Activation
        ?? throw new InvalidOperationException("The grain does not belong to an embedded engine.");
}
