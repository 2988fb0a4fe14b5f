using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Sends the connections of a gateway that stops away, at a pace that the other gateways can take.</summary>
internal sealed partial class Drain(GatewayShards shards, IOptions<GatewayOptions> options, TimeProvider time, ILogger<Drain> logger)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly DrainOptions _options = options.Value.Drain;

    /// <summary>What clients are told (MQTT 5.0 sections 3.14.2.1 and 4.11).</summary>
    private ReasonCode Reason =>
        _options.ServerReference is null ? ReasonCode.ServerShuttingDown
        : _options.IsPermanent ? ReasonCode.ServerMoved
        : ReasonCode.UseAnotherServer;

    /// <summary>Closes every connection, and waits for the last one to be gone.</summary>
    /// <param name="hurry">Ends the pace: what is left is closed at once, and waited for no longer.</param>
    public async Task RunAsync(CancellationToken hurry)
    {
        if (shards.ConnectionCount == 0)
        {
            return;
        }

        LogBegins(logger, shards.ConnectionCount);
        var perPace = Math.Max(1, (int)(_options.ConnectionsPerSecond * Pace.TotalSeconds));
        var startedAt = time.GetTimestamp();
        var closed = 0;
        foreach (var connection in shards.Connections())
        {
            if (closed++ % perPace == 0 && closed > 1 && !hurry.IsCancellationRequested && time.GetElapsedTime(startedAt) < _options.Timeout)
            {
                await Task.Delay(Pace, time, CancellationToken.None);
            }

            connection.Disconnect(Reason, _options.ServerReference);
        }

        await WaitAsync(hurry);
    }

    // Closing connections tell their grains; what has not been told by then, the end of the lease tells.
    private async Task WaitAsync(CancellationToken hurry)
    {
        using var timer = new PeriodicTimer(Pace, time);
        while (shards.ConnectionCount > 0 && !hurry.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    [LoggerMessage(4206, LogLevel.Information, "The gateway stops: {Connections} connections are sent away")]
    private static partial void LogBegins(ILogger logger, int connections);
}
