using System.Runtime.CompilerServices;
using IotPlatform.Broadcasts;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>One product's root on a real engine, the gateways that it reaches, and a clock that moves from one of its questions to the next.</summary>
internal sealed class LastingScenario(GrainHost? host = null) : IAsyncDisposable
{
    /// <summary>Between two questions.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, IGatewayObserver[]> _gateways = [];

    public GrainHost Host { get; } = host ?? new GrainHost();

    public IBroadcastGrain Root => Host.Engine.GetGrain<IBroadcastGrain>(IBroadcastGrain.KeyOf("p"));

    private IGatewayDirectoryGrain Directory => Host.Engine.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);

    /// <summary>A gateway comes, with one shard that has these devices.</summary>
    public async Task<LastingShard> JoinAsync(string gateway, params string[] devices)
    {
        var shard = new LastingShard(devices);
        await JoinAsync(gateway, shard);
        return shard;
    }

    public Task JoinAsync(string gateway, params LastingShard[] shards)
    {
        _gateways[gateway] = [.. shards.Select(shard => Host.Reference(shard.Gateway))];
        return RenewAsync();
    }

    public Task LeaveAsync(string gateway)
    {
        _gateways.Remove(gateway);
        return Directory.LeaveAsync(new GatewayId(gateway), 1);
    }

    public async Task<BroadcastReceipt> PublishAsync(int qos = 1, int maxRate = 0, TimeSpan timeToLive = default, TimeSpan? messageExpiry = null)
    {
        var reply = await TryPublishAsync(qos, maxRate, timeToLive, messageExpiry);
        Assert.Null(reply.Refusal);
        return reply.Value!;
    }

    public Task<Reply<BroadcastReceipt>> TryPublishAsync(int qos = 1, int maxRate = 0, TimeSpan timeToLive = default, TimeSpan? messageExpiry = null) =>
        Root.PublishAsync(new PublishBroadcast(null, qos, new byte[] { 1 }, MessageExpiry: messageExpiry, TimeToLive: timeToLive, MaxRate: maxRate)).InTimeAsync();

    public async Task<BroadcastReceipt> ReceiptAsync(long messageId) => (await Root.GetAsync(messageId)).Value!;

    public async Task<string[]> UnacknowledgedAsync(long messageId) => [.. (await Root.ListUnacknowledgedAsync(messageId, null, 1_000)).Value!.Names];

    /// <summary>The root asks once more, as soon as it is done with the last time.</summary>
    public async Task RoundAsync()
    {
        await RenewAsync();
        await Patience.UntilAsync(() => Host.Time.IsTimerDueWithin(Round));
        Host.Time.Advance(Round);
    }

    /// <summary>The root asks until a receipt is as it should be in the end.</summary>
    public async Task<BroadcastReceipt> UntilAsync(long messageId, Func<BroadcastReceipt, bool> condition, [CallerArgumentExpression(nameof(condition))] string awaited = "")
    {
        var end = Environment.TickCount64 + 20_000;
        while (true)
        {
            var receipt = await ReceiptAsync(messageId);
            if (condition(receipt))
            {
                return receipt;
            }

            Assert.True(Environment.TickCount64 < end, $"Waited 20 s for {awaited}; the receipt is {receipt}.");
            await TryRoundAsync();
        }
    }

    /// <summary>The root asks until a broadcast has ended, and that is stored.</summary>
    public async Task<BroadcastReceipt> UntilEndedAsync(long messageId)
    {
        var ended = await UntilAsync(messageId, static receipt => receipt.CompletedAt is not null);
        while ((await Host.Broadcasts.FindAsync("p", messageId))?.IsSameAs(ended) != true)
        {
            await RoundAsync();
        }

        return ended;
    }

    /// <summary>The root asks until something has come about.</summary>
    public async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string awaited = "")
    {
        var end = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, $"Waited 20 s for {awaited}.");
            await TryRoundAsync();
        }
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    // The root may be done meanwhile, and ask no more.
    private async Task TryRoundAsync()
    {
        await RenewAsync();
        if (Host.Time.IsTimerDueWithin(Round))
        {
            Host.Time.Advance(Round);
        }

        // What else is under way has its time on the same clock, and a machine that is busy with other things must not make it run out.
        await Task.Delay(TimeSpan.FromMilliseconds(1));
    }

    private async Task RenewAsync()
    {
        foreach (var (gateway, shards) in _gateways)
        {
            await Directory.RenewAsync(Host.Renewal(gateway, 1, 0, shards));
        }
    }
}
