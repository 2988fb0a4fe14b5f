using IotPlatform.Compat;
using IotPlatform.Gateways;
using IotPlatform.Grpc.Health;
using IotPlatform.Products;
using IotPlatform.Sessions.Kept;
using IotPlatform.Topics;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Brings the gateway up and down: announces it, opens its ports, keeps its lease, and says goodbye.</summary>
internal sealed partial class GatewayLifetime(
    MqttPorts ports,
    GatewayIdentity self,
    LeaseKeeper lease,
    Drain drain,
    InterestLog interests,
    SessionShardSet keptSessions,
    StandingOrderKeeper orders,
    IGrainFactory grains,
    IOptions<GatewayOptions> options,
    IHostEnvironment environment,
    HealthState health,
    TimeProvider time,
    ILogger<GatewayLifetime> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan StartRetryInterval = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await UntilReachedAsync(MakeProductsAsync, cancellationToken);
        await UntilReachedAsync(JoinAsync, cancellationToken);
        await UntilReachedAsync(orders.LearnAsync, cancellationToken);
        keptSessions.Follow();
        ports.Open();
        LogStarted(logger, self.Gateway.Value);
        LogOpenings();
        health.Set("", isServing: true);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Before any service stops: the HTTP server waits for the WebSockets in it to end, so they are sent away while it still runs.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        health.Set("", isServing: false);
        lease.IsDraining = true;
        await ports.DisposeAsync();
        await drain.RunAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await lease.LeaveAsync();
        }
        catch (Exception exception)
        {
            // Its lease lapses soon.
            LogLeaveFailed(logger, exception);
        }
    }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => lease.KeepAsync(stoppingToken);

    /// <summary>
    /// Becomes a part of the cluster before the first client connects: what that one subscribes to is known wherever it is published from then on.
    /// </summary>
    private async Task JoinAsync()
    {
        await lease.RenewAsync();
        var others = lease.Others.ToList();
        foreach (var other in others)
        {
            // A failure is no matter: it hears of this gateway with its next renewal, or is gone.
            _ = other.Peer.HelloAsync(lease.Lease()).ContinueWith(static call => _ = call.Exception, TaskScheduler.Default);
        }

        await interests.WhenPulledByAsync(others.Select(static other => other.Gateway), IGatewayDirectoryGrain.LeaseTime);
    }

    // A cluster that is just starting, or whose store is, answers soon.
    private async Task UntilReachedAsync(Func<Task> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException or StoreUnavailableException)
            {
                LogNotReached(logger, exception.Message);
            }

            await Task.Delay(StartRetryInterval, time, cancellationToken);
        }
    }

    private async Task MakeProductsAsync()
    {
        if (environment.IsDevelopment())
        {
            await MakeProductAsync("demo", "Demonstration: devices register themselves", isRegistrationOpen: true);
        }

        if (options.Value.AllowAnonymous)
        {
            await MakeProductAsync(LoginReader.AnonymousProduct, "Clients without a login", isRegistrationOpen: false);
        }
    }

    private async Task MakeProductAsync(string productKey, string name, bool isRegistrationOpen) =>
        await grains.GetGrain<IProductGrain>(IProductGrain.KeyOf(productKey)).CreateAsync(new CreateProduct(name, isRegistrationOpen));

    private void LogOpenings()
    {
        if (options.Value.AllowAnonymous)
        {
            LogOpen(logger, "clients may connect without a login (Mqtt:AllowAnonymous)");
        }

        if (options.Value.FreeTopics)
        {
            LogOpen(logger, "devices may use topics beyond their own branches (Mqtt:FreeTopics)");
        }

        if (environment.IsDevelopment())
        {
            LogOpen(logger, "devices of product demo register themselves, with any password (Development)");
        }
    }

    [LoggerMessage(4202, LogLevel.Information, "Gateway {Gateway} takes connections")]
    private static partial void LogStarted(ILogger logger, string gateway);

    [LoggerMessage(4203, LogLevel.Warning, "Open: {What}")]
    private static partial void LogOpen(ILogger logger, string what);

    [LoggerMessage(4208, LogLevel.Warning, "The gateway can not start yet, and tries again: {Reason}")]
    private static partial void LogNotReached(ILogger logger, string reason);

    [LoggerMessage(4207, LogLevel.Warning, "The gateway could not say goodbye; its lease lapses")]
    private static partial void LogLeaveFailed(ILogger logger, Exception exception);
}
