using IotPlatform.Broadcasts;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>How a rate is kept over several shards, and how counts add up.</summary>
public sealed class BroadcastRunTests
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(200);

    private readonly ManualTime _time = new();

    [Fact]
    public void Quotas_OverShards_AreInProportionToWhatWaits()
    {
        var run = RunWith(1_000, 3_000, 1_000, 0);
        Assert.Equal([0, 0, 0], NextRound(run));
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(Round);
            Assert.Equal([150, 50, 0], NextRound(run));
        }
    }

    [Fact]
    public void Quotas_OfManyEqualShards_DifferByOneAtMost()
    {
        var run = RunWith(1_000, [.. Enumerable.Repeat(100_000L, 7)]);
        NextRound(run);
        for (var i = 0; i < 50; i++)
        {
            _time.Advance(Round);
            var quotas = NextRound(run);
            Assert.InRange(quotas.Max() - quotas.Min(), 0, 1);
            Assert.Equal(200, quotas.Sum());
        }
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 1)]
    [InlineData(7, 5)]
    [InlineData(1_000, 3)]
    public void Quotas_OverTime_AreTheRate(int rate, int shards)
    {
        var run = RunWith(rate, [.. Enumerable.Repeat(1_000_000L, shards)]);
        var sum = 0L;
        for (var i = 0; i <= 500; i++)
        {
            sum += NextRound(run).Sum();
            Assert.InRange(sum, Math.Floor(rate * i * Round.TotalSeconds) - 1, Math.Ceiling(rate * i * Round.TotalSeconds));
            _time.Advance(Round);
        }
    }

    [Fact]
    public void Quotas_AfterALongSilence_AreThoseOfASecond()
    {
        var run = RunWith(10, 1_000, 1_000);
        NextRound(run);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(10, NextRound(run).Sum());
        Assert.Equal(0, NextRound(run).Sum());
    }

    [Fact]
    public void Quotas_NearTheEnd_AreNeverMoreThanWaits()
    {
        var run = RunWith(1_000, 3, 1, 2);
        NextRound(run);
        _time.Advance(Round);
        Assert.Equal([3, 1, 2], NextRound(run));
        _time.Advance(Round);
        Assert.Equal([0, 0, 0], NextRound(run));
    }

    [Fact]
    public void Quotas_OfAShardThatDoesNotAnswer_GoToTheOthers()
    {
        var run = RunWith(1, 100, 1);
        var busy = new HashSet<IGatewayObserver> { run.Shards[0].Shard };
        run.BeginRound(busy, _time);
        _time.Advance(TimeSpan.FromSeconds(1));
        run.BeginRound(busy, _time);
        Assert.Equal(1, run.TakeQuota(run.Shards[1]));
    }

    [Fact]
    public void Quotas_WhenItIsOver_AreNone()
    {
        var run = RunWith(1_000, 100);
        NextRound(run);
        _time.Advance(Round);
        run.IsOver = true;
        Assert.Equal([0], NextRound(run));
    }

    [Fact]
    public void Receipt_OfSeveralShardsOfAGateway_AddsThemUpUnderItsName()
    {
        var run = RunOf(new BroadcastMessage(1, "p", null, 1, default), Lease("g1", 2), Lease("g2", 1));
        run.Report(0, [new BroadcastTally(2, 1, 1, 0), new BroadcastTally(3, 3, 0, 0)]);
        Assert.Equal(
            [new GatewayTally(new GatewayId("g1"), new BroadcastTally(5, 4, 1, 0)), new GatewayTally(new GatewayId("g2"), default)],
            run.ToReceipt().Gateways.AsEnumerable());

        run.Report(2, [BroadcastTally.OfUnknown]);
        run.Follow();
        Assert.Equal(
            [new GatewayTally(new GatewayId("g1"), new BroadcastTally(5, 4, 1, 0)), new GatewayTally(new GatewayId("g2"), BroadcastTally.OfUnknown)],
            run.ToReceipt().Gateways.AsEnumerable());
        Assert.Equal(new BroadcastTally(5, 4, 1, 1), run.ToReceipt().Tally);
    }

    private static GatewayLease Lease(string gateway, int shards) =>
        new(new GatewayId(gateway), 1, [.. Enumerable.Range(0, shards).Select(static _ => new FakeGateway())], new FakePeer(), "", IsDraining: false);

    private BroadcastRun RunOf(BroadcastMessage message, params GatewayLease[] leases)
    {
        var run = new BroadcastRun(message, _time.GetUtcNow());
        run.SendTo(new BroadcastTargets([.. leases]));
        return run;
    }

    private BroadcastRun RunWith(int rate, params long[] waiting)
    {
        var run = RunOf(new BroadcastMessage(1, "p", null, 0, default, MaxRate: rate), Lease("g", waiting.Length));
        run.Report(0, [.. waiting.Select(static count => new BroadcastTally(count, 0, 0, 0, Waiting: count))]);
        run.Follow();
        return run;
    }

    private int[] NextRound(BroadcastRun run)
    {
        run.BeginRound([], _time);
        int[] quotas = [.. run.Shards.Select(run.TakeQuota)];
        foreach (var (shard, quota) in run.Shards.Zip(quotas))
        {
            shard.Tally = shard.Tally with { Waiting = shard.Tally.Waiting - quota, Written = shard.Tally.Written + quota };
        }

        return quotas;
    }
}
