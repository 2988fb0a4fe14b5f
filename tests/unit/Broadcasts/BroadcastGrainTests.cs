using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Orleans.Runtime;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>A broadcast through the tree of grains, on a real engine.</summary>
public sealed class BroadcastGrainTests : IAsyncDisposable
{
    private static readonly PublishBroadcast Request = new("/broadcast/p/x", 0, new byte[] { 1, 2, 3 });

    private static readonly TimeSpan DirectoryRetryInterval = TimeSpan.FromMilliseconds(250);

    private readonly GrainHost _host = new();

    private IBroadcastGrain Grain => _host.Engine.GetGrain<IBroadcastGrain>(IBroadcastGrain.KeyOf("p"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Broadcast_WithoutGateways_ReachesNobody()
    {
        var receipt = (await Grain.PublishAsync(Request)).Value!;
        Assert.Equal(default, receipt.Tally);
        Assert.NotNull(receipt.CompletedAt);
    }

    [Fact]
    public async Task Receipt_AddsUpTheShards_AndIsStored()
    {
        var gateways = await AddGatewaysAsync(3);
        for (var i = 0; i < gateways.Length; i++)
        {
            var tally = new BroadcastTally(10 + i, 9, 1 + i, 0);
            gateways[i].OnBroadcast = _ => Task.FromResult(new BroadcastTallies([tally]));
        }

        var receipt = (await Grain.PublishAsync(Request)).Value!;
        var now = _host.Time.GetUtcNow();
        Assert.Equal(new BroadcastReceipt(
            "p", receipt.MessageId, "/broadcast/p/x", 0, 3, new BroadcastTally(33, 27, 6, 0), now, now, BroadcastStatus.Completed, null, 0, null,
            receipt.Gateways), receipt);
        Assert.Equal(receipt, await _host.Broadcasts.FindAsync("p", receipt.MessageId));
        Assert.Equal(receipt, (await Grain.GetAsync(receipt.MessageId)).Value);
    }

    [Fact]
    public async Task Broadcast_TellsTheShardsAllOfIt()
    {
        var gateway = (await AddGatewaysAsync(1))[0];
        var receipt = (await Grain.PublishAsync(Request)).Value!;
        var message = Assert.Single(Assert.Single(gateway.Batches).Messages);
        Assert.Equal((receipt.MessageId, "p", "/broadcast/p/x", 0), (message.MessageId, message.ProductKey, message.Topic, message.QoS));
        Assert.Equal([1, 2, 3], message.Payload.ToArray());
    }

    [Fact]
    public async Task FailingShard_IsTriedOnceMore_ThenUnknown()
    {
        var gateways = await AddGatewaysAsync(2);
        gateways[1].OnBroadcast = static _ => throw new TimeoutException();
        var receipt = (await Grain.PublishAsync(Request)).Value!;
        Assert.Equal(new BroadcastTally(1, 1, 0, 1), receipt.Tally);
        Assert.Equal((1, 2), (gateways[0].Batches.Count, gateways[1].Batches.Count));
    }

    [Fact]
    public async Task Receipt_WhileTheBroadcastRuns_IsLive()
    {
        var gateways = await AddGatewaysAsync(2);
        var answer = new TaskCompletionSource<BroadcastTallies>();
        gateways[1].OnBroadcast = _ => answer.Task;
        var publishing = Grain.PublishAsync(Request);
        await Patience.UntilAsync(() => !gateways[1].Batches.IsEmpty);
        var messageId = gateways[1].Batches.First().Messages[0].MessageId;
        BroadcastReceipt live;
        do
        {
            live = (await Grain.GetAsync(messageId)).Value!;
        }
        while (live.Tally == default);
        Assert.Equal((new BroadcastTally(1, 1, 0, 0), null), (live.Tally, live.CompletedAt));

        answer.SetResult(new BroadcastTallies([new BroadcastTally(2, 2, 0, 0)]));
        Assert.Equal(new BroadcastTally(3, 3, 0, 0), (await publishing.InTimeAsync()).Value!.Tally);
    }

    [Fact]
    public async Task Receipt_OfAnUnknownBroadcastOrAnotherProduct_IsRefused()
    {
        var receipt = (await Grain.PublishAsync(Request)).Value!;
        Assert.Equal(RefusalCode.NotFound, (await Grain.GetAsync(receipt.MessageId + 1)).Refusal!.Code);
        var other = _host.Engine.GetGrain<IBroadcastGrain>(IBroadcastGrain.KeyOf("other"));
        Assert.Equal(RefusalCode.NotFound, (await other.GetAsync(receipt.MessageId)).Refusal!.Code);
    }

    [Fact]
    public async Task Broadcast_WhenTooManyAreRunning_IsRefusedAndNotSent()
    {
        _host.BroadcastOptions.RunningPerProductMax = 2;
        var gateway = (await AddGatewaysAsync(1))[0];
        var gate = new TaskCompletionSource();
        var answer = gateway.OnBroadcast;
        gateway.OnBroadcast = async batch =>
        {
            await gate.Task;
            return await answer(batch);
        };
        Task<Reply<BroadcastReceipt>>[] running = [Grain.PublishAsync(Request), Grain.PublishAsync(Request)];
        Assert.Equal(RefusalCode.ResourceExhausted, (await Grain.PublishAsync(Request)).Refusal!.Code);

        gate.SetResult();
        Assert.All(await Task.WhenAll(running).InTimeAsync(), static reply => Assert.Equal(1, reply.Value!.Tally.Written));
        Assert.Equal(2, gateway.Batches.Sum(static b => b.Messages.Length));
        Assert.NotNull((await Grain.PublishAsync(Request)).Value);
    }

    [Fact]
    public async Task Broadcasts_AtOnce_ReachAShardInTheOrderOfTheirIds()
    {
        var gateway = (await AddGatewaysAsync(1))[0];
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Grain.PublishAsync(Request))).InTimeAsync();
        long[] ids = [.. gateway.Batches.SelectMany(static b => b.Messages).Select(static m => m.MessageId)];
        Assert.Equal(200, ids.Length);
        Assert.Equal(ids.Order(), ids);
    }

    [Fact]
    public async Task Broadcast_WhenTheReceiptCanNotBeStored_IsAnsweredAllTheSame()
    {
        await AddGatewaysAsync(1);
        _host.Broadcasts.OnSave = static () => throw new IOException("The disk is full.");
        var receipt = (await Grain.PublishAsync(Request)).Value!;
        Assert.Equal(1, receipt.Tally.Written);
        Assert.Equal(RefusalCode.NotFound, (await Grain.GetAsync(receipt.MessageId)).Refusal!.Code);
    }

    [Theory]
    [InlineData(33)]
    [InlineData(1_100)]
    public async Task Tree_OfMoreThanOneTier_ReachesEachShardOnce(int shards)
    {
        var gateways = await AddGatewaysAsync(shards);
        var receipt = (await Grain.PublishAsync(Request).InTimeAsync()).Value!;
        Assert.Equal(new BroadcastTally(shards, shards, 0, 0), receipt.Tally);
        Assert.All(gateways, static gateway => Assert.Single(Assert.Single(gateway.Batches).Messages));
    }

    [Fact]
    public async Task Tree_WithAFailingShardBelowARelay_CountsThatOneAsUnknown()
    {
        var gateways = await AddGatewaysAsync(40);
        gateways[17].OnBroadcast = static _ => throw new TimeoutException();
        Assert.Equal(new BroadcastTally(39, 39, 0, 1), (await Grain.PublishAsync(Request).InTimeAsync()).Value!.Tally);
    }

    [Fact]
    public async Task Tree_WhenGatewaysComeAndGo_FollowsThem()
    {
        var gateways = await AddGatewaysAsync(40);
        await Grain.PublishAsync(Request);
        await Directory.RenewAsync(_host.Renewal("g0", 2, 0, _host.Reference(gateways[3])));
        await Grain.PublishAsync(Request);
        Assert.Equal(2, gateways[3].Batches.Count);
        Assert.Equal(39, gateways.Count(static g => g.Batches.Count == 1));
    }

    [Fact]
    public async Task Broadcast_WhileTheDirectoryIsMoving_WaitsForIt()
    {
        _host.Leases.OnLoad = static () => throw new SiloUnavailableException("It was there.");
        var publishing = Grain.PublishAsync(Request);
        await Patience.UntilAsync(() => _host.Time.TimersDueIn(DirectoryRetryInterval) == 1);
        _host.Leases.OnLoad = static () => Task.CompletedTask;
        var gateways = await AddGatewaysAsync(2);
        Assert.False(publishing.IsCompleted);
        _host.Time.Advance(DirectoryRetryInterval);
        Assert.Equal(new BroadcastTally(2, 2, 0, 0), (await publishing.InTimeAsync()).Value!.Tally);
        Assert.All(gateways, static gateway => Assert.Single(gateway.Batches));
    }

    [Fact]
    public async Task Broadcast_WhileTheDirectoryStaysAway_FailsAndLeavesNothing()
    {
        _host.Leases.OnLoad = static () => throw new SiloUnavailableException("It was there.");
        var publishing = Grain.PublishAsync(Request);
        var began = _host.Time.GetUtcNow();
        while (true)
        {
            await Patience.UntilAsync(() => publishing.IsCompleted || _host.Time.TimersDueIn(DirectoryRetryInterval) == 1);
            if (publishing.IsCompleted)
            {
                break;
            }

            _host.Time.Advance(DirectoryRetryInterval);
        }

        Assert.InRange(_host.Time.GetUtcNow() - began, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(11));

        await Assert.ThrowsAsync<SiloUnavailableException>(() => publishing.InTimeAsync());
        _host.Leases.OnLoad = static () => Task.CompletedTask;
        await AddGatewaysAsync(1);
        Assert.Equal(new BroadcastTally(1, 1, 0, 0), (await Grain.PublishAsync(Request)).Value!.Tally);
    }

    private IGatewayDirectoryGrain Directory => _host.Engine.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);

    private async Task<FakeGateway[]> AddGatewaysAsync(int shards)
    {
        FakeGateway[] gateways = [.. Enumerable.Range(0, shards).Select(static _ => new FakeGateway())];
        ImmutableArray<IGatewayObserver> references = [.. gateways.Select(_host.Reference)];
        await Directory.RenewAsync(_host.Renewal("g0", 1, 0, references));
        return gateways;
    }
}
