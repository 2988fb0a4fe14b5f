using IotPlatform.Embedded;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The base of every grain class. All its code runs in turns of its activation, one at a time.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly Activation _activation;

    /// <summary>Binds the grain to the activation that is constructing it.</summary>
    /// <exception cref="InvalidOperationException">It is not an engine that constructs it.</exception>
    protected Grain() =>
        _activation = Activation.Current ?? throw new InvalidOperationException("A grain is constructed by its engine, at its first call.");

    /// <summary>The activation this object lives in.</summary>
    public IGrainContext GrainContext => _activation;

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => _activation.Engine;

    /// <summary>The services of the process.</summary>
    protected internal IServiceProvider ServiceProvider => _activation.Engine.Services;

    /// <summary>Asks for deactivation as soon as no request is running; queued requests go to a fresh activation.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>
    /// Keeps the activation for at least <paramref name="timeSpan"/> from now, whether it is used or not.
    /// Zero withdraws an earlier wish; <see cref="Timeout.InfiniteTimeSpan"/> keeps it for good.
    /// </summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => _activation.DelayDeactivation(timeSpan);

    /// <inheritdoc/>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
}
