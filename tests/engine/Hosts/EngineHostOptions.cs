using Microsoft.Extensions.DependencyInjection;

namespace IotPlatform.Engine.Tests;

/// <summary>What a test may choose about its engine; the defaults are Orleans' own.</summary>
public sealed record EngineHostOptions
{
    /// <summary>How long an activation must be idle to be collected. Orleans wants more than <see cref="CollectionQuantum"/>.</summary>
    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often the engine looks for idle activations.</summary>
    public TimeSpan CollectionQuantum { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a caller waits for an answer.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an activation may take; null for the engine's default.</summary>
    public TimeSpan? ActivationTimeout { get; init; }

    /// <summary>Adds what the test's grains ask for in their constructors.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; init; }
}
