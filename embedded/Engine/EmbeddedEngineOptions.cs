using System.Reflection;

namespace IotPlatform.Embedded;

/// <summary>The settings of an embedded engine. The defaults are Orleans' own.</summary>
public sealed class EmbeddedEngineOptions
{
    /// <summary>Where the grain classes are.</summary>
    public ICollection<Assembly> GrainAssemblies { get; } = [];

    /// <summary>An activation not used for so long is deactivated. Default 15 minutes.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for. Default 1 minute.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a caller waits for an answer. The callee goes on. Default 30 seconds; seen once a second.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long OnActivateAsync may take. Default 30 seconds.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long OnDeactivateAsync may take. Default 30 seconds.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests that may wait for one activation or observer; one more is refused with LimitExceededException. Default 10,000.</summary>
    public int MaxEnqueuedRequests { get; set; } = 10_000;
}
