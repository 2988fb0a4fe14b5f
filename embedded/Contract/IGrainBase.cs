using Orleans.Runtime;

namespace Orleans;

/// <summary>What the engine asks of a grain class.</summary>
public interface IGrainBase
{
    /// <summary>The activation this object lives in.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs once, before the first request. Failing rejects the waiting requests with the same exception.</summary>
    Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs once, after the last request. Not at all when the process is killed.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
}
