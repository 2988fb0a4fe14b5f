using Microsoft.Extensions.Hosting;

namespace IotPlatform.Hosting;

/// <summary>Puts the grains into a process.</summary>
public static class SiloHosting
{
    /// <summary>The name of the engine that this build runs.</summary>
    public const string Engine = "orleans";

    /// <summary>Hosts the grains in this process, for a standalone server: a cluster of one, reachable from this machine only.</summary>
    public static IHostApplicationBuilder AddStandaloneSilo(this IHostApplicationBuilder builder)
    {
        builder.Services.AddGrainServices();
        builder.UseOrleans(static silo => silo.UseLocalhostClustering());
        return builder;
    }
}
