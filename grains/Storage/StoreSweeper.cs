using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.StatusEvents;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotPlatform.Storage;

/// <summary>
/// Ends expired messages of devices that are away, through their grains, has broadcasts and pushes gone on with whose grain was lost, and deletes what has been kept long enough, in
/// small batches.
/// </summary>
internal sealed partial class StoreSweeper(
    IGrainFactory grains,
    IMessageStore messages,
    IBroadcastStore broadcasts,
    IStatusEventStore statusEvents,
    IOptions<DeviceMessageOptions> messageOptions,
    IOptions<BroadcastOptions> broadcastOptions,
    TimeProvider time,
    ILogger<StoreSweeper> logger) : BackgroundService
{
    private const int BatchLengthMax = 500;

    /// <summary>Enough for their writes to share commits.</summary>
    private const int ExpiringAtOnceMax = 64;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at how many receipts, and how large the status events, there are.</summary>
    private static readonly TimeSpan CountingPeriod = TimeSpan.FromMinutes(1);

    private DateTimeOffset _countedAt;

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
        await RepeatWhileFullAsync(() => ExpireAsync(now, stoppingToken), stoppingToken);
        await RepeatWhileFullAsync(() => messages.DeleteFinishedAsync(now - messageOptions.Value.HistoryRetention, BatchLengthMax), stoppingToken);
        await RepeatWhileFullAsync(() => broadcasts.DeleteOldAsync(now - broadcastOptions.Value.ReceiptRetention, BatchLengthMax), stoppingToken);
        await RepeatWhileFullAsync(() => statusEvents.DeleteOldAsync(now - messageOptions.Value.EventRetention, BatchLengthMax), stoppingToken);
        if (now - _countedAt >= CountingPeriod)
        {
            _countedAt = now;
            await RepeatWhileFullAsync(() => statusEvents.DeleteBeyondAsync(messageOptions.Value.EventBytesMax, BatchLengthMax), stoppingToken);
            await RepeatWhileFullAsync(() => broadcasts.DeleteBeyondAsync(broadcastOptions.Value.ReceiptsPerProductMax, BatchLengthMax), stoppingToken);
        }

        await grains.GetGrain<IStatusPushesGrain>(IStatusPushesGrain.GrainKey).EnsureRunningAsync();
        foreach (var productKey in await broadcasts.FindRunningProductsAsync())
        {
            await grains.GetGrain<IBroadcastGrain>(IBroadcastGrain.KeyOf(productKey)).FollowAsync();
        }
    }

    private static async Task RepeatWhileFullAsync(Func<Task<int>> sweepBatch, CancellationToken stoppingToken)
    {
        while (await sweepBatch() == BatchLengthMax)
        {
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    /// <returns>How many devices were told; those that failed wait for the next turn, and end this one when they fill a batch.</returns>
    private async Task<int> ExpireAsync(DateTimeOffset now, CancellationToken stoppingToken)
    {
        var told = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = ExpiringAtOnceMax, CancellationToken = stoppingToken };
        await Parallel.ForEachAsync(await messages.FindExpiredAsync(now, BatchLengthMax), options, async (device, _) =>
        {
            try
            {
                await grains.GetGrain<IDeviceGrain>(device.GrainKey).ExpireMessagesAsync();
                Interlocked.Increment(ref told);
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception);
            }
        });
        return told;
    }

    [LoggerMessage(2002, LogLevel.Warning, "A sweep of the store failed; the next one tries again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
