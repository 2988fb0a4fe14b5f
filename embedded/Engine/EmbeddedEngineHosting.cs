using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans;

namespace IotPlatform.Embedded;

/// <summary>Puts an embedded engine into a host.</summary>
public static class EmbeddedEngineHosting
{
    /// <summary>
    /// Adds an engine, and with it <see cref="IGrainFactory"/>. It starts with the first use and stops with the host's services; it uses the
    /// host's <see cref="TimeProvider"/> where there is one.
    /// </summary>
    public static IServiceCollection AddEmbeddedEngine(this IServiceCollection services, Action<EmbeddedEngineOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider =>
        {
            var options = new EmbeddedEngineOptions();
            configure(options);
            return new EmbeddedEngine(
                provider, options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<EmbeddedEngine>>());
        });
        services.AddSingleton<IGrainFactory>(static provider => provider.GetRequiredService<EmbeddedEngine>());
        return services;
    }
}
