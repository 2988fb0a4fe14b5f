using IotPlatform.Limits;
using IotPlatform.Transport.Limits;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Transport.Limits;

/// <summary>Rates, and what is remembered of who used them.</summary>
public sealed class TokenBucketsTests
{
    private readonly ManualTime _time = new();
    private int _forgotten;

    [Fact]
    public void Burst_IsTaken_AndThenTheRate()
    {
        var buckets = Buckets(new Rate(Burst: 3, PerSecond: 2));
        Assert.Equal([true, true, true, false], Take(buckets, 1, 4));

        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.Equal([false], Take(buckets, 1, 1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([true, false], Take(buckets, 1, 2));
    }

    [Fact]
    public void Tokens_DoNotPileUpBeyondTheBurst()
    {
        var buckets = Buckets(new Rate(Burst: 2, PerSecond: 10));
        Take(buckets, 1, 2);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([true, true, false], Take(buckets, 1, 3));
    }

    [Fact]
    public void Keys_DoNotShare()
    {
        var buckets = Buckets(new Rate(Burst: 1, PerSecond: 1));
        Assert.Equal([true, false], Take(buckets, 1, 2));
        Assert.Equal([true, false], Take(buckets, 2, 2));
    }

    [Fact]
    public void Key_WithoutATokenLeft_IsToldWhenThereIsOne_AndKeepsWhatIsReturned()
    {
        var buckets = Buckets(new Rate(Burst: 1, PerSecond: 4));
        Assert.True(buckets.TryTake(1, out var retryAfter));
        Assert.Equal(TimeSpan.Zero, retryAfter);
        Assert.False(buckets.TryTake(1, out retryAfter));
        Assert.Equal(TimeSpan.FromMilliseconds(250), retryAfter);

        buckets.Return(1);
        Assert.Equal([true, false], Take(buckets, 1, 2));

        // No more than the burst.
        _time.Advance(TimeSpan.FromSeconds(10));
        buckets.Return(1);
        Assert.Equal([true, false], Take(buckets, 1, 2));
    }

    [Fact]
    public void Asking_CostsNothing_AndMakesNobodyKnown()
    {
        var buckets = Buckets(new Rate(Burst: 1, PerSecond: 1));
        for (var i = 0; i < 10; i++)
        {
            Assert.True(buckets.HasAny(1));
        }

        Assert.Equal(0, buckets.Count);
        Assert.True(buckets.TryTake(1));
        Assert.False(buckets.HasAny(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(buckets.HasAny(1));
    }

    // Whoever comes at just the rate that is too high stays known, however often the generations turn.
    [Fact]
    public void BusyKey_IsNeverForgotten()
    {
        var buckets = Buckets(new Rate(Burst: 10, PerSecond: 1));
        var taken = 0;
        for (var i = 0; i < 1_000; i++)
        {
            taken += buckets.TryTake(1) ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.InRange(taken, 505, 511);
    }

    [Fact]
    public void IdleKeys_AreDropped_OnceTheyAreFullAgain()
    {
        var buckets = Buckets(new Rate(Burst: 10, PerSecond: 1));
        for (var key = 0; key < 40; key++)
        {
            buckets.TryTake(key);
        }

        Assert.Equal(40, buckets.Count);
        _time.Advance(TimeSpan.FromSeconds(10));
        buckets.TryTake(-1);
        _time.Advance(TimeSpan.FromSeconds(10));
        buckets.TryTake(-1);

        Assert.Equal(1, buckets.Count);
        Assert.Equal(0, _forgotten);
    }

    [Fact]
    public void TooManyKeys_PushOutThoseThatWereUsedLongestAgo()
    {
        var buckets = Buckets(new Rate(Burst: 1, PerSecond: 0.001), keysMax: 100);
        for (var key = 0; key < 1_000; key++)
        {
            buckets.TryTake(-1);
            buckets.TryTake(key);
            Assert.InRange(buckets.Count, 1, 101);
        }

        Assert.False(buckets.HasAny(-1), "The one that came all the time was forgotten.");
        Assert.False(buckets.HasAny(999));
        Assert.True(buckets.HasAny(0));
        Assert.InRange(_forgotten, 850, 1_000);
    }

    private static bool[] Take(TokenBuckets<int> buckets, int key, int count) => [.. Enumerable.Range(0, count).Select(_ => buckets.TryTake(key))];

    private TokenBuckets<int> Buckets(Rate rate, int keysMax = 1_000) => new(rate, keysMax, _time, count => _forgotten += count);
}
