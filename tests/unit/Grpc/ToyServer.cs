using System.Net;
using IotPlatform.Api.Access;
using IotPlatform.Api.OpenApi;
using IotPlatform.Api.Rest;
using IotPlatform.Grpc;
using IotPlatform.Grpc.Health;
using IotPlatform.Grpc.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Unit.Tests.Grpc;

/// <summary>The toy service on real sockets: gRPC on one loopback port, REST on another.</summary>
internal sealed class ToyServer : IAsyncDisposable
{
    // A call that outlives its test fails it here instead of holding the whole run up.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;

    private ToyServer(WebApplication app, RecordingLogger log, HealthState health)
    {
        _app = app;
        Health = health;
        Log = log;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        GrpcAddress = new Uri(addresses[0]);
        Grpc = new GrpcClient(GrpcAddress);
        Rest = new HttpClient { BaseAddress = new Uri(addresses[1]), DefaultRequestHeaders = { { "Authorization", "Bearer " + OneKeyVerifier.Key } } };
    }

    public HealthState Health { get; }

    public RecordingLogger Log { get; }

    public Uri GrpcAddress { get; }

    public GrpcClient Grpc { get; }

    public HttpClient Rest { get; }

    public static async Task<ToyServer> StartAsync(ToyService? service = null, GrpcOptions? options = null, RestOptions? restOptions = null)
    {
        var log = new RecordingLogger();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddRouting();
        builder.Services.AddSingleton<IApiKeyVerifier, OneKeyVerifier>();
        builder.Services.AddSingleton(options ?? new GrpcOptions());
        builder.Services.AddSingleton(restOptions ?? new RestOptions());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        var health = new HealthState();
        Map(app, (service ?? new ToyService()).Define(), health);
        await app.StartAsync();
        return new ToyServer(app, log, health);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Grpc.Dispose();
        Rest.Dispose();
        await _app.DisposeAsync().AsTask().WaitAsync(StopPatience);
    }

    private static void Map(WebApplication app, GrpcServiceDefinition toy, HealthState health)
    {
        GrpcServiceDefinition[] services = [toy, HealthService.Define(health)];
        app.UseApiKeys();
        app.MapGrpc([.. services, .. ReflectionService.Define(services)]);
        app.MapRest(ToyRoutes.All, services);
        app.MapOpenApiDocument(ToyRoutes.All, services);
        app.MapHealth(health);
    }
}
