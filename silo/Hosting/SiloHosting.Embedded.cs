using IotPlatform.Embedded;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Puts the grains into a process.</summary>
public static class SiloHosting
{
    /// <summary>The name of the engine that this build runs.</summary>
    public const string Engine = "embedded";

    /// <summary>Hosts the grains in this process, for a standalone server.</summary>
    public static IHostApplicationBuilder AddStandaloneSilo(this IHostApplicationBuilder builder)
    {
        builder.Services.AddGrainServices();
        builder.Services.AddEmbeddedEngine(static options => options.GrainAssemblies.Add(typeof(GrainHosting).Assembly));
        return builder;
    }

    /// <summary>This engine has no cluster.</summary>
    /// <exception cref="OptionsValidationException">Always.</exception>
    public static IHostApplicationBuilder AddClusterClient(this IHostApplicationBuilder builder) =>
        throw new OptionsValidationException(
            nameof(ClusterOptions), typeof(ClusterOptions),
            ["Cluster:ConnectionString is set, but this build has the embedded engine, which knows no cluster. Build with -p:Engine=orleans."]);
}
