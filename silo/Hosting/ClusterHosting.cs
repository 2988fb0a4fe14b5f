using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>The settings of the cluster, on either engine.</summary>
public static class ClusterHosting
{
    /// <summary>Binds and checks <see cref="ClusterOptions"/>.</summary>
    public static void AddClusterOptions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ClusterOptions>().BindConfiguration("Cluster").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
    }

    /// <summary>Whether this process belongs to a cluster, by its settings.</summary>
    public static bool IsInCluster(this IHostApplicationBuilder builder) => !string.IsNullOrEmpty(builder.Configuration["Cluster:ConnectionString"]);
}
