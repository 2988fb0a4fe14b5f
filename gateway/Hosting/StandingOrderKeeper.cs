using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Orders;
using IotPlatform.Tracing;
using IotPlatform.Transport.Limits;

namespace IotPlatform.Hosting;

/// <summary>Keeps this gateway to the standing orders: told of changes, and asking for them every few seconds in case that was missed.</summary>
internal sealed partial class StandingOrderKeeper(
    BanList bans, Tracer tracer, GatewayShards shards, IGrainFactory grains, TimeProvider time, ILogger<StandingOrderKeeper> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private long _version;

    /// <summary>Asks for the orders that stand.</summary>
    public async Task LearnAsync()
    {
        if (await grains.GetGrain<IStandingOrdersGrain>(IStandingOrdersGrain.GrainKey).GetAsync(Interlocked.Read(ref _version)) is { } orders)
        {
            Obey(orders);
        }
    }

    /// <summary>Goes by these orders from here on, unless it knows newer ones.</summary>
    public void Obey(StandingOrders orders)
    {
        lock (_gate)
        {
            if (orders.Version <= _version)
            {
                return;
            }

            _version = orders.Version;
            bans.Set(orders.Bans);
            tracer.Set(orders.Traces);
        }

        foreach (var connection in shards.Connections())
        {
            if (connection.IsBanned())
            {
                connection.Disconnect(ReasonCode.AdministrativeAction);
            }

            connection.Retrace();
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        shards.Ordered = Obey;
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isFailing = false;
        using var timer = new PeriodicTimer(IStandingOrdersGrain.AgeMax, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LearnAsync();
                isFailing = false;
            }
            catch (Exception exception)
            {
                if (!isFailing)
                {
                    LogFailed(logger, exception);
                }

                isFailing = true;
            }
        }
    }

    [LoggerMessage(4209, LogLevel.Warning, "The standing orders could not be asked for; the gateway goes by those it knows, and asks again every few seconds")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
