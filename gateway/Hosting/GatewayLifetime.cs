using System.Net;
using System.Net.Sockets;
using IotPlatform.Compat;
using IotPlatform.Delivery;
using IotPlatform.Diagnostics;
using IotPlatform.Grpc.Health;
using IotPlatform.Mqtt;
using IotPlatform.Products;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Brings the gateway up and down: announces it, opens its port, keeps its lease, and says goodbye.</summary>
internal sealed partial class GatewayLifetime(
    MqttConnectionServices connections,
    GatewayShards shards,
    SessionRegistry sessions,
    PeerWatch watch,
    GatewayInstruments instruments,
    IGrainFactory grains,
    IOptions<GatewayOptions> options,
    IHostEnvironment environment,
    HealthState health,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService
{
    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<GatewayLifetime>();
    private readonly Transport.TcpListener _listener = new(options.Value.PendingBytesMax, instruments, time, loggers.CreateLogger<Transport.TcpListener>());

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (environment.IsDevelopment())
        {
            await MakeProductAsync("demo", "Demonstration: devices register themselves", isRegistrationOpen: true);
        }

        if (options.Value.AllowAnonymous)
        {
            await MakeProductAsync(LoginReader.AnonymousProduct, "Clients without a login", isRegistrationOpen: false);
        }

        await shards.RenewAsync();
        Listen(new IPEndPoint(IPAddress.Parse(options.Value.Address), options.Value.Port));
        LogListening(_logger, shards.Gateway.Value, _listener.LocalEndPoint);
        LogOpenings();
        health.Set("", isServing: true);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        health.Set("", isServing: false);
        await _listener.DisposeAsync();
        await base.StopAsync(cancellationToken);
        await shards.LeaveAsync();
        shards.DisconnectAll(ReasonCode.ServerShuttingDown);
        await WaitForConnectionsAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RenewInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                sessions.Sweep();
                await shards.RenewAsync();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogRenewFailed(_logger, exception);
            }
        }
    }

    private void Listen(IPEndPoint endPoint)
    {
        try
        {
            _listener.Start(endPoint, Accept);
        }
        catch (SocketException exception)
        {
            throw new InvalidOperationException($"MQTT can not listen on {endPoint} (Mqtt:Address, Mqtt:Port): {exception.Message}", exception);
        }
    }

    private MqttConnection Accept(TcpConnection transport)
    {
        var connection = new MqttConnection(transport, connections);
        watch.Add(connection);
        return connection;
    }

    private async Task MakeProductAsync(string productKey, string name, bool isRegistrationOpen) =>
        await grains.GetGrain<IProductGrain>(IProductGrain.KeyOf(productKey)).CreateAsync(new CreateProduct(name, isRegistrationOpen));

    // Closing connections tell their grains; what has not been told by then, a later lease's end tells.
    private async Task WaitForConnectionsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), time);
        while (shards.ConnectionCount > 0 && !cancellationToken.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private void LogOpenings()
    {
        if (options.Value.AllowAnonymous)
        {
            LogOpen(_logger, "clients may connect without a login (Mqtt:AllowAnonymous)");
        }

        if (options.Value.FreeTopics)
        {
            LogOpen(_logger, "devices may use topics beyond their own branches (Mqtt:FreeTopics)");
        }

        if (environment.IsDevelopment())
        {
            LogOpen(_logger, "devices of product demo register themselves, with any password (Development)");
        }
    }

    [LoggerMessage(4202, LogLevel.Information, "Gateway {Gateway} takes MQTT connections on {EndPoint}")]
    private static partial void LogListening(ILogger logger, string gateway, EndPoint endPoint);

    [LoggerMessage(4203, LogLevel.Warning, "Open: {What}")]
    private static partial void LogOpen(ILogger logger, string what);

    [LoggerMessage(4204, LogLevel.Warning, "The gateway's lease could not be renewed; the next turn tries again")]
    private static partial void LogRenewFailed(ILogger logger, Exception exception);
}
