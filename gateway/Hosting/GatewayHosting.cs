using System.Net;
using IotPlatform.Api;
using IotPlatform.Api.Access;
using IotPlatform.Api.Invoking;
using IotPlatform.Api.OpenApi;
using IotPlatform.Api.Rest;
using IotPlatform.Api.Sending;
using IotPlatform.Api.StatusEvents;
using IotPlatform.Compat;
using IotPlatform.Delivery;
using IotPlatform.Diagnostics;
using IotPlatform.Grpc;
using IotPlatform.Grpc.Health;
using IotPlatform.Grpc.Reflection;
using IotPlatform.Routing;
using IotPlatform.Routing.Peers;
using IotPlatform.Sessions;
using IotPlatform.Sessions.Kept;
using IotPlatform.Topics;
using IotPlatform.Tracing;
using IotPlatform.Transport;
using IotPlatform.Transport.Limits;
using IotPlatform.Transport.Proxies;
using IotPlatform.Transport.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Puts the edge together.</summary>
internal static class GatewayHosting
{
    /// <summary>The grains: those of the cluster that the settings name, else in this process, with a store of their own.</summary>
    public static WebApplicationBuilder AddGrains(this WebApplicationBuilder builder)
    {
        if (builder.IsInCluster())
        {
            builder.AddClusterClient();
            return builder;
        }

        builder.AddClusterOptions();
        builder.AddStandaloneSilo();
        builder.Services.AddSingleton<DataFolder>();
        builder.Services.AddSqliteStore(static services => services.GetRequiredService<DataFolder>().Options.DatabaseFile);
        return builder;
    }

    /// <summary>The services of a gateway, and the ports of its APIs.</summary>
    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<GatewayOptions>().BindConfiguration("Mqtt").ValidateOnStart();
        builder.Services.AddSingleton<IPostConfigureOptions<GatewayOptions>, ConformanceProfile>();
        builder.Services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        builder.Services.AddOptions<SendOptions>().BindConfiguration("Messages").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SendOptions>, SendOptionsValidator>();
        builder.Services.AddOptions<DataOptions>().BindConfiguration("Data");
        builder.Services.AddOptions<BootstrapOptions>().BindConfiguration("Bootstrap").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<BootstrapOptions>, BootstrapOptionsValidator>();
        builder.AddEdge();
        builder.AddApis();
        return builder;
    }

    /// <summary>The APIs: gRPC, and the same contract as REST.</summary>
    public static void MapGateway(this WebApplication app)
    {
        var health = app.Services.GetRequiredService<HealthState>();
        GrpcServiceDefinition[] contract =
        [
            app.Services.GetRequiredService<MessagingService>().Definition(),
            app.Services.GetRequiredService<RegistryService>().Definition(),
            app.Services.GetRequiredService<ClusterService>().Definition(),
            app.Services.GetRequiredService<ClientsService>().Definition(),
            app.Services.GetRequiredService<TracesService>().Definition(),
            app.Services.GetRequiredService<StatusPushesService>().Definition(),
        ];
        GrpcServiceDefinition[] services = [.. contract, HealthService.Define(health)];
        app.MapMqttOverWebSocket();
        app.UseApiKeys();
        app.MapGrpc([.. services, .. ReflectionService.Define(services)]);
        app.MapRest(RestRoutes.V1, contract);
        app.MapOpenApiDocument(RestRoutes.V1, contract);
        app.MapHealth(health);
    }

    private static void AddEdge(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GatewayInstruments>();
        builder.Services.AddSingleton<ProductCache>();
        builder.Services.AddSingleton<LoginReader>();
        builder.Services.AddSingleton<GatewayIdentity>();
        builder.Services.AddSingleton<InterestLog>();
        builder.Services.AddSingleton<PeerGateways>();
        builder.Services.AddSingleton<PeerObserver>();
        builder.Services.AddSingleton<SessionShardSet>();
        builder.Services.AddSingleton<SessionLinker>();
        builder.Services.AddSingleton<Router>();
        builder.Services.AddSingleton<RetainedLanes>();
        builder.Services.AddSingleton<RetainedPublisher>();
        builder.Services.AddSingleton<SessionRegistry>();
        builder.Services.AddSingleton<PeerWatch>();
        builder.Services.AddSingleton<GatewayShards>();
        builder.Services.AddSingleton<MqttConnectionServices>();
        builder.Services.AddSingleton<MqttConnectionFactory>();
        builder.Services.AddSingleton<Door>();
        builder.Services.AddSingleton<Lingering>();
        builder.Services.AddSingleton<LoginLimits>();
        builder.Services.AddSingleton<BanList>();
        builder.Services.AddSingleton<Tracer>();
        builder.Services.AddSingleton<StandingOrderKeeper>();
        builder.Services.AddSingleton<ProxyProtocol>();
        builder.Services.AddSingleton<TlsCertificates>();
        builder.Services.AddSingleton<TlsHandshakes>();
        builder.Services.AddSingleton<SecureWebSocketPort>();
        builder.Services.AddSingleton<SocketEntrance>();
        builder.Services.AddSingleton<MqttPorts>();
        builder.Services.AddSingleton<WebSocketEndpoint>();
        builder.Services.AddSingleton<AttachmentKeeper>();
        builder.Services.AddSingleton<LeaseKeeper>();
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<AttachmentKeeper>());
        builder.Services.AddHostedService(static services => services.GetRequiredService<StandingOrderKeeper>());
        builder.Services.AddHostedService<GatewayLifetime>();
    }

    private static void AddApis(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IApiKeyVerifier, AdminKey>();
        builder.Services.AddSingleton<HealthState>();
        builder.Services.AddSingleton<SendLimits>();
        builder.Services.AddSingleton<MessageSender>();
        builder.Services.AddSingleton<MessageStreams>();
        builder.Services.AddSingleton<MessageBatches>();
        builder.Services.AddSingleton<DeviceInvocations>();
        builder.Services.AddSingleton<WatchPace>();
        builder.Services.AddSingleton<MessagingService>();
        builder.Services.AddSingleton<RegistryService>();
        builder.Services.AddSingleton<ClusterService>();
        builder.Services.AddSingleton<AllGateways>();
        builder.Services.AddSingleton<ClientsService>();
        builder.Services.AddSingleton<TracesService>();
        builder.Services.AddSingleton<DeviceMessageEvents>();
        builder.Services.AddSingleton<StatusPushesService>();
        var http = builder.Configuration.GetSection("Http").Get<HttpOptions>() ?? new HttpOptions();
        var grpc = builder.Configuration.GetSection("Grpc").Get<GrpcListenOptions>() ?? new GrpcListenOptions();
        var mqtt = builder.Configuration.GetSection("Mqtt").Get<GatewayOptions>() ?? new GatewayOptions();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(AddressOf(http.Address, "Http:Address"), http.Port, static listen => listen.Protocols = HttpProtocols.Http1);

            // Without TLS nothing negotiates the protocol, so gRPC's HTTP/2 has a port of its own.
            kestrel.Listen(AddressOf(grpc.Address, "Grpc:Address"), grpc.Port, static listen => listen.Protocols = HttpProtocols.Http2);
            if (mqtt.Tls.CertificateFile is not null)
            {
                kestrel.Listen(AddressOf(mqtt.Address, "Mqtt:Address"), mqtt.Tls.WebSocketPort, static listen => listen.ApplicationServices.GetRequiredService<SecureWebSocketPort>().Configure(listen));
            }
        });
    }

    private static IPAddress AddressOf(string text, string setting) =>
        IPAddress.TryParse(text, out var address)
            ? address
            : throw new OptionsValidationException(setting, typeof(string), [$"{setting} must be an IP address."]);
}
