using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace IotPlatform.Engine.Tests;

/// <summary>One Orleans silo in this process, called through its hosted client.</summary>
internal sealed class OrleansHost(IHost host) : IEngineHost
{
    public IGrainFactory Grains { get; } = host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => host.Services;

    public static async Task<IEngineHost> StartAsync(EngineHostOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        options.ConfigureServices?.Invoke(builder.Services);
        builder.UseOrleans(silo => Configure(silo, options));

        var host = builder.Build();
        await host.StartAsync();
        return new OrleansHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static void Configure(ISiloBuilder silo, EngineHostOptions options)
    {
        var (siloPort, gatewayPort) = FreePorts();
        silo.UseLocalhostClustering(siloPort, gatewayPort);
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.ResponseTimeout);
        silo.Configure<GrainCollectionOptions>(collection =>
        {
            collection.CollectionAge = options.CollectionAge;
            collection.CollectionQuantum = options.CollectionQuantum;
            collection.ActivationTimeout = options.ActivationTimeout ?? collection.ActivationTimeout;
        });
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        // Both are held until both are known, or the system might hand the same one out twice.
        using var silo = new TcpListener(IPAddress.Loopback, 0);
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        silo.Start();
        gateway.Start();
        return (((IPEndPoint)silo.LocalEndpoint).Port, ((IPEndPoint)gateway.LocalEndpoint).Port);
    }
}
