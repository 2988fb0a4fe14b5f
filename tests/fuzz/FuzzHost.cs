using IotPlatform.Diagnostics;
using IotPlatform.Embedded;
using IotPlatform.Hosting;
using IotPlatform.Routing;
using IotPlatform.Sessions;
using IotPlatform.Testkit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Fuzz;

/// <summary>A whole gateway with its grains and its store, as its program puts it together; but for its clock, which runs when it is told to.</summary>
internal sealed class FuzzHost : IAsyncDisposable
{
    /// <summary>What is kept ends soon, and so does the memory of devices that have gone.</summary>
    private static readonly TimeSpan CollectionAge = TimeSpan.FromMinutes(2);

    /// <summary>Past the longest session and the last grain.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(50);

    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;
    private readonly FakeTimeProvider _time;

    private FuzzHost(WebApplication app, DirectoryInfo folder, FakeTimeProvider time)
    {
        (_app, _folder, _time) = (app, folder, time);
        Connections = app.Services.GetRequiredService<MqttConnectionFactory>();
        Gauges = new Gauges(app.Services.GetRequiredService<GatewayInstruments>(), app.Services.GetRequiredService<SessionInstruments>());
    }

    public MqttConnectionFactory Connections { get; }

    public Gauges Gauges { get; }

    /// <summary>Sessions of connections.</summary>
    public int Sessions => _app.Services.GetRequiredService<SessionRegistry>().Count;

    /// <summary>Filters that they are subscribed to.</summary>
    public int Filters => _app.Services.GetRequiredService<Router>().FilterCount;

    public static async Task<FuzzHost> StartAsync(Findings findings)
    {
        var folder = Directory.CreateTempSubdirectory("iot-fuzz-");
        var time = new FakeTimeProvider();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder.FullName, EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(Settings(folder));
        builder.Logging.ClearProviders().AddProvider(new ErrorLog(findings));
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.AddGrains();
        builder.AddGateway();
        builder.Services.AddEmbeddedEngine(static options =>
        {
            options.GrainAssemblies.Add(typeof(GrainHosting).Assembly);
            options.CollectionAge = CollectionAge;
        });
        var app = builder.Build();
        app.CheckSettings();
        await app.StartAsync();
        return new FuzzHost(app, folder, time);
    }

    /// <summary>Has time pass quickly, so that keep-alives, wills and sessions end meanwhile.</summary>
    public async Task RunClockAsync(CancellationToken done)
    {
        using var timer = new PeriodicTimer(TickEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                Tick();
            }
        }
        catch (OperationCanceledException)
        {
            // As it was told to.
        }
    }

    /// <summary>Lets everything end that ends by itself.</summary>
    public async Task SettleAsync()
    {
        for (var passed = TimeSpan.Zero; passed < SettleTime; passed += Step)
        {
            Tick();

            // What a timer has begun goes on elsewhere: the gateway's lease must not lapse for want of a thread.
            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Gauges.Dispose();
        var stopping = _app.DisposeAsync().AsTask();
        while (!stopping.IsCompleted)
        {
            Tick();
            await Task.Delay(1);
        }

        await stopping;
        _folder.Delete(recursive: true);
    }

    private void Tick() => _time.Advance(Step);

    private static Dictionary<string, string?> Settings(DirectoryInfo folder) => new()
    {
        ["Data:Path"] = folder.FullName,
        ["Http:Address"] = "127.0.0.1",
        ["Http:Port"] = "0",
        ["Grpc:Address"] = "127.0.0.1",
        ["Grpc:Port"] = "0",
        ["Mqtt:GatewayId"] = "fuzz",
        ["Mqtt:Address"] = "127.0.0.1",
        ["Mqtt:Port"] = "0",
        ["Mqtt:AllowAnonymous"] = "true",
        ["Mqtt:FreeTopics"] = "true",
        ["Mqtt:PacketBytesMax"] = "65536",
        ["Mqtt:Session:QueuedMessagesMax"] = "50",
        ["Mqtt:Session:ReceiveMaximum"] = "20",
        ["Mqtt:Session:SubscriptionsMax"] = "20",
        ["Mqtt:Session:ExpiryMax"] = "00:01:00",
        ["Topics:RetainedMax"] = "320",
        ["Topics:RetainedBytesMax"] = "1000000",
    };
}
