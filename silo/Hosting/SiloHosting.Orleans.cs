using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using IotPlatform.Gateways;
using Orleans.Configuration;
using Orleans.Storage;

namespace IotPlatform.Hosting;

/// <summary>Puts the grains into a process, or connects it to those that have them.</summary>
public static class SiloHosting
{
    /// <summary>The name of the engine that this build runs.</summary>
    public const string Engine = "orleans";

    /// <summary>Orleans' name of the ADO.NET driver.</summary>
    private const string Invariant = "Npgsql";

    /// <summary>The grain storage for what is written rarely. Nothing on a message's path uses it.</summary>
    private const string ConfigurationStorage = "configuration";

    /// <summary>Hosts the grains in this process, for a standalone server: a cluster of one, reachable from this machine only.</summary>
    public static IHostApplicationBuilder AddStandaloneSilo(this IHostApplicationBuilder builder)
    {
        builder.Services.AddGrainServices();
        builder.UseOrleans(static silo => silo.UseLocalhostClustering());
        return builder;
    }

    /// <summary>Connects this process to the silos of its cluster. Waits for them for as long as it takes, and comes back to them by itself.</summary>
    public static IHostApplicationBuilder AddClusterClient(this IHostApplicationBuilder builder)
    {
        builder.AddClusterOptions();
        var cluster = builder.ClusterOptions();
        KnownInterfaceTypes.AddTo(builder.Services);
        builder.UseOrleansClient(client =>
        {
            client.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = cluster.ResponseTimeout);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = cluster.SiloListRefreshInterval);
            client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, cluster.ConnectionString!));
            client.UseConnectionRetryFilter<PatientConnection>();
        });
        return builder;
    }

    /// <summary>Orleans tells what went wrong, and nothing else, unless the settings say otherwise.</summary>
    public static void AddQuietOrleans(this HostApplicationBuilder builder) =>
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Logging:LogLevel:Orleans", "Warning")] });

    /// <summary>Hosts the grains in this process, as one silo of a cluster.</summary>
    public static IHostApplicationBuilder AddClusterSilo(this IHostApplicationBuilder builder)
    {
        builder.AddClusterOptions();
        builder.Services.AddOptions<SiloOptions>().BindConfiguration("Silo").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        builder.Services.AddGrainServices().AddRemoteGateways();
        builder.Services.AddPostgresStore(static services => services.GetRequiredService<IOptions<ClusterOptions>>().Value.ConnectionString!);
        builder.Services.Replace(ServiceDescriptor.Singleton<IClusterVersion, MembershipVersion>());
        builder.Services.Replace(ServiceDescriptor.Singleton<ILeaseStore>(static services =>
            ActivatorUtilities.CreateInstance<GrainStateLeases>(services, services.GetRequiredKeyedService<IGrainStorage>(ConfigurationStorage))));

        var cluster = builder.ClusterOptions();
        var silo = builder.Configuration.GetSection("Silo").Get<SiloOptions>() ?? new SiloOptions();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = silo.ShutdownTimeout);
        if (cluster.ConnectionString is { } connectionString)
        {
            KnownInterfaceTypes.AddTo(builder.Services);
            builder.UseOrleans(orleans => Configure(orleans, cluster, silo, connectionString));
        }

        return builder;
    }

    // Why each differs from Orleans' default is written in docs/operations.md, "Process settings".
    private static void Configure(ISiloBuilder orleans, ClusterOptions cluster, SiloOptions silo, string connectionString)
    {
        orleans.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        orleans.Configure<SiloMessagingOptions>(options =>
        {
            options.ResponseTimeout = cluster.ResponseTimeout;
            options.SystemResponseTimeout = cluster.ResponseTimeout;
            options.ClientDropTimeout = IGatewayDirectoryGrain.LeaseTime;
            options.MaxEnqueuedRequestsHardLimit = silo.WaitingCallsMax;
        });
        orleans.Configure<GrainCollectionOptions>(options => options.CollectionAge = silo.CollectionAge);
        orleans.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = silo.ProbeInterval;
            options.IAmAliveTablePublishTimeout = 5 * silo.ProbeInterval;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        });
        orleans.Configure<EndpointOptions>(options =>
        {
            options.SiloPort = silo.Port;
            options.GatewayPort = silo.GatewayPort;
            if (silo.AdvertisedAddress is { } address)
            {
                options.AdvertisedIPAddress = IPAddress.Parse(address);
                options.SiloListeningEndpoint = ListenFor(options.AdvertisedIPAddress, silo.Port);
                options.GatewayListeningEndpoint = ListenFor(options.AdvertisedIPAddress, silo.GatewayPort);
            }
        });
        orleans.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, connectionString));
        orleans.AddAdoNetGrainStorage(ConfigurationStorage, storage =>
            storage.Configure<IServiceProvider>(static (options, services) =>
            {
                options.Invariant = Invariant;
                options.ConnectionString = services.GetRequiredService<IOptions<ClusterOptions>>().Value.ConnectionString;
                options.GrainStorageSerializer = ActivatorUtilities.CreateInstance<OrleansGrainStorageSerializer>(services);
            }));
    }

    // A silo on loopback is for this machine alone; one on another address takes what is forwarded to it, too.
    private static IPEndPoint ListenFor(IPAddress address, int port) => new(IPAddress.IsLoopback(address) ? address : IPAddress.Any, port);

    private static ClusterOptions ClusterOptions(this IHostApplicationBuilder builder) =>
        builder.Configuration.GetSection("Cluster").Get<ClusterOptions>() ?? new ClusterOptions();
}
