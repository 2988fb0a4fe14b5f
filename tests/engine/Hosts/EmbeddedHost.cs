using IotPlatform.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IotPlatform.Engine.Tests;

/// <summary>The embedded engine in a generic host.</summary>
internal sealed class EmbeddedHost(IHost host) : IEngineHost
{
    public IGrainFactory Grains { get; } = host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => host.Services;

    public static async Task<IEngineHost> StartAsync(EngineHostOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        options.ConfigureServices?.Invoke(builder.Services);
        builder.Services.AddEmbeddedEngine(engine => Configure(engine, options));

        var host = builder.Build();
        await host.StartAsync();
        return new EmbeddedHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static void Configure(EmbeddedEngineOptions engine, EngineHostOptions options)
    {
        engine.GrainAssemblies.Add(typeof(EmbeddedHost).Assembly);
        engine.CollectionAge = options.CollectionAge;
        engine.CollectionQuantum = options.CollectionQuantum;
        engine.ResponseTimeout = options.ResponseTimeout;
        engine.ActivationTimeout = options.ActivationTimeout ?? engine.ActivationTimeout;
    }
}
