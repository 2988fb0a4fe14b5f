using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotPlatform.Storage;

/// <summary>
/// Ends expired messages of devices that are away, through their grains, and deletes what has been kept long enough, in small batches.
/// </summary>
internal sealed partial class StoreSweeper(
    IGrainFactory grains,
    IMessageStore messages,
    IBroadcastStore broadcasts,
    IOptions<DeviceMessageOptions> messageOptions,
    IOptions<BroadcastOptions> broadcastOptions,
    TimeProvider time,
    ILogger<StoreSweeper> logger) : BackgroundService
{
    private const int BatchLengthMax = 500;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(logger, exception);
            }
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        var now = time.GetUtcNow();
        foreach (var device in await messages.FindExpiredAsync(now, BatchLengthMax))
        {
            stoppingToken.ThrowIfCancellationRequested();
            await grains.GetGrain<IDeviceGrain>(device.GrainKey).ExpireMessagesAsync();
        }

        await messages.DeleteFinishedAsync(now - messageOptions.Value.HistoryRetention, BatchLengthMax);
        await broadcasts.DeleteOldAsync(now - broadcastOptions.Value.ReceiptRetention, BatchLengthMax);
    }

    [LoggerMessage(2002, LogLevel.Warning, "A sweep of the store failed; the next one tries again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
