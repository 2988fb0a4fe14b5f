using IotPlatform.Delivery;
using IotPlatform.Embedded;
using IotPlatform.Hosting;
using IotPlatform.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Bench.Engine;

/// <summary>A whole gateway with its grains and its store in this process, put together as its program does; devices come to it without sockets.</summary>
internal sealed class MemoryGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;

    private MemoryGateway(WebApplication app, DirectoryInfo folder)
    {
        (_app, _folder) = (app, folder);
        Connections = app.Services.GetRequiredService<MqttConnectionFactory>();
        Shards = app.Services.GetRequiredService<GatewayShards>();
    }

    /// <summary>Makes the protocol side of a connection.</summary>
    public MqttConnectionFactory Connections { get; }

    /// <summary>What grains reach the connections through.</summary>
    public GatewayShards Shards { get; }

    public static async Task<MemoryGateway> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("iot-bench-");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder.FullName, EnvironmentName = "Development" });
        builder.Configuration.AddInMemoryCollection(Settings(folder));
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        builder.AddGrains();
        builder.AddGateway();
        builder.Services.AddEmbeddedEngine(static options => options.GrainAssemblies.Add(typeof(GrainHosting).Assembly));
        var app = builder.Build();
        app.CheckSettings();
        await app.StartAsync();
        return new MemoryGateway(app, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static Dictionary<string, string?> Settings(DirectoryInfo folder) => new()
    {
        ["Data:Path"] = folder.FullName,
        ["Http:Address"] = "127.0.0.1",
        ["Http:Port"] = "0",
        ["Grpc:Address"] = "127.0.0.1",
        ["Grpc:Port"] = "0",
        ["Mqtt:Address"] = "127.0.0.1",
        ["Mqtt:Port"] = "0",

        // Nobody is stormed by the devices that are sent away at the end.
        ["Mqtt:Drain:ConnectionsPerSecond"] = "1000000",
    };
}
