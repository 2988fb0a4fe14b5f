using System.Collections.Immutable;
using IotPlatform.Gateways;
using IotPlatform.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace IotPlatform.Broadcasts;

/// <summary>
/// The root of one product's broadcasts. Reentrant: many broadcasts are under way at once, and share nothing but the lanes, which keep their order.
/// </summary>
[Reentrant]
internal sealed partial class BroadcastGrain(
    IBroadcastStore store, MessageIds ids, IOptions<BroadcastOptions> options, TimeProvider time, ILogger<BroadcastGrain> logger)
    : Grain, IBroadcastGrain
{
    /// <summary>Longer than silos take to agree that one of them is lost.</summary>
    private static readonly TimeSpan DirectoryPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan DirectoryRetryInterval = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<long, BroadcastReceipt> _running = [];
    private BroadcastFanOut? _fanOut;

    private string ProductKey => this.GetPrimaryKeyString()["broadcast/".Length..];

    public async Task<Reply<BroadcastReceipt>> PublishAsync(PublishBroadcast request)
    {
        if (_running.Count >= options.Value.RunningPerProductMax)
        {
            return Refusal.ResourceExhausted($"{_running.Count} broadcasts of {ProductKey} are under way.");
        }

        var receipt = NewReceipt(request);
        _running.Add(receipt.MessageId, receipt);
        try
        {
            await SendAsync(receipt, request);
            receipt = _running[receipt.MessageId] with { CompletedAt = time.GetUtcNow() };
            _running[receipt.MessageId] = receipt;
            await SaveAsync(receipt);
            return receipt;
        }
        finally
        {
            _running.Remove(receipt.MessageId);
        }
    }

    public async Task<Reply<BroadcastReceipt>> GetAsync(long messageId)
    {
        if (_running.TryGetValue(messageId, out var running))
        {
            return running;
        }

        return await store.FindAsync(ProductKey, messageId) is { } receipt
            ? receipt
            : Refusal.NotFound($"There is no broadcast {messageId} of {ProductKey}.");
    }

    private BroadcastReceipt NewReceipt(PublishBroadcast request) =>
        new(ProductKey, ids.Next(), request.Topic, request.QoS, request.Payload.Length, default, time.GetUtcNow(), null);

    private async Task SendAsync(BroadcastReceipt receipt, PublishBroadcast request)
    {
        _fanOut ??= new BroadcastFanOut(GrainFactory, ProductKey, place: "", logger);
        var live = await GatewaysAsync();
        var message = new BroadcastMessage(receipt.MessageId, ProductKey, request.Topic, request.QoS, request.Payload);
        ImmutableArray<IGatewayObserver> targets = [.. live.SelectMany(static gateway => gateway.Shards)];
        await _fanOut.SendAsync(message, targets, tally => Report(receipt.MessageId, tally));
    }

    // The directory may be moving, after the loss of a silo. What this silo knows itself may lack a gateway that has just come: better a moment later, or refused,
    // than with a receipt that leaves devices out and does not say so.
    private async Task<ImmutableArray<GatewayLease>> GatewaysAsync()
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return (await GrainFactory.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).ListAsync()).Gateways;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException && time.GetElapsedTime(began) < DirectoryPatience)
            {
                LogDirectoryFailed(logger, exception, ProductKey);
            }

            await Task.Delay(DirectoryRetryInterval, time);
        }
    }

    private void Report(long messageId, BroadcastTally tally)
    {
        var receipt = _running[messageId];
        _running[messageId] = receipt with { Tally = receipt.Tally + tally };
    }

    // The devices have the message: a store that fails costs the receipt, not the answer.
    private async Task SaveAsync(BroadcastReceipt receipt)
    {
        try
        {
            await store.SaveAsync(receipt);
        }
        catch (Exception exception)
        {
            LogReceiptLost(logger, exception, receipt.ProductKey, receipt.MessageId);
        }
    }

    [LoggerMessage(3103, LogLevel.Information, "The gateway directory did not answer; a broadcast of {ProductKey} waits for it")]
    private static partial void LogDirectoryFailed(ILogger logger, Exception exception, string productKey);

    [LoggerMessage(3102, LogLevel.Error, "The receipt of broadcast {MessageId} of {ProductKey} could not be stored")]
    private static partial void LogReceiptLost(ILogger logger, Exception exception, string productKey, long messageId);
}
