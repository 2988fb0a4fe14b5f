using System.Threading.Channels;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Hosting;
using Microsoft.Extensions.Options;

namespace IotPlatform.Sessions;

/// <summary>
/// Keeps device grains aware of the connections of this gateway. A grain lives in one silo's memory, and forgets with it who is connected; the gateway,
/// which is the truth of that, attaches its connections again: those that traffic shows to be forgotten at once, all others in a sweep after every change
/// of the cluster, at a pace that leaves room for live traffic. Bounded by the connections there are: each waits at most once.
/// </summary>
internal sealed partial class AttachmentKeeper : BackgroundService
{
    /// <summary>Calls under way at once.</summary>
    private const int AtOnceMax = 128;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>A call that goes to a silo which is lost and not missed yet is not answered: it is made again sooner than it would time out.</summary>
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Between looks at every connection without an occasion: a grain may have been moved or lost unseen, and forgets a connection that it does not hear of for
    /// <see cref="IDeviceGrain.AttachmentTime"/>.
    /// </summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(5);

    /// <summary>Gateways do not all begin at the same moment, and silos have a moment to agree on who is left.</summary>
    private static readonly TimeSpan JitterMax = TimeSpan.FromSeconds(1);

    /// <summary>Silos hear of a loss one after the other: what the first look found well may be lost just after it.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(5);

    /// <summary>One pace of the sweep: short, so that a burst is small.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly Channel<MqttConnection> _waiting = Channel.CreateUnbounded<MqttConnection>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _room = new(AtOnceMax);
    private readonly GatewayShards _shards;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly int _perPace;

    public AttachmentKeeper(GatewayShards shards, IOptions<GatewayOptions> options, TimeProvider time, ILogger<AttachmentKeeper> logger)
    {
        _shards = shards;
        _time = time;
        _logger = logger;
        _perPace = Math.Max(1, (int)(options.Value.ReattachPerSecond * Pace.TotalSeconds));
        shards.Acknowledgements.Forgotten = Check;
    }

    /// <summary>This connection's grain may have forgotten it.</summary>
    public void Check(MqttConnection connection)
    {
        if (connection.TryMarkForCheck())
        {
            _waiting.Writer.TryWrite(connection);
        }
    }

    /// <summary>The cluster has changed: any grain may have forgotten its connection.</summary>
    public async void CheckAllSoon()
    {
        await Task.Delay(JitterMax * Random.Shared.NextDouble(), _time).ConfigureAwait(false);
        CheckAll();
        await Task.Delay(SecondLook, _time).ConfigureAwait(false);
        CheckAll();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(DrainAsync(stoppingToken), SweepAsync(stoppingToken));

    private void CheckAll()
    {
        foreach (var connection in _shards.Connections())
        {
            Check(connection);
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            CheckAll();
        }
    }

    private async Task DrainAsync(CancellationToken stoppingToken)
    {
        while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            for (var i = 0; i < _perPace && _waiting.Reader.TryRead(out var connection); i++)
            {
                await _room.WaitAsync(stoppingToken);
                _ = CheckAsync(connection);
            }

            await Task.Delay(Pace, _time, stoppingToken);
        }
    }

    private async Task CheckAsync(MqttConnection connection)
    {
        connection.ClearMark();
        var isDone = await TryReattachAsync(connection).ConfigureAwait(false);
        _room.Release();
        if (!isDone)
        {
            await Task.Delay(RetryInterval * (1 + Random.Shared.NextDouble()), _time).ConfigureAwait(false);
            Check(connection);
        }
    }

    private async Task<bool> TryReattachAsync(MqttConnection connection)
    {
        try
        {
            return await connection.ReattachAsync().WaitAsync(CallTime, _time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogFailed(_logger, exception, connection.ConnectionId);
            return false;
        }
    }

    [LoggerMessage(4303, LogLevel.Debug, "Connection {ConnectionId}: its device's grain could not be asked; it is asked again")]
    private static partial void LogFailed(ILogger logger, Exception exception, long connectionId);
}
