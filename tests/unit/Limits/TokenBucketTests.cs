using IotPlatform.Limits;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Limits;

/// <summary>A rate, and what is left of it.</summary>
public sealed class TokenBucketTests
{
    private static readonly Rate Rate = new(Burst: 60, PerSecond: 10);

    private readonly ManualTime _time = new();
    private TokenBucket _bucket;

    public TokenBucketTests() => _bucket = new TokenBucket(Rate, Now);

    private double Now => TokenBucket.NowOf(_time);

    [Fact]
    public void Bucket_AtFirst_HoldsItsBurst() => Assert.Equal(60, TakeAll());

    [Fact]
    public void Bucket_UsedUp_SaysWhenThereIsATokenAgain()
    {
        TakeAll();
        Assert.False(_bucket.TryTake(Rate, Now, out var retryAfter));
        Assert.Equal(0.1, retryAfter.TotalSeconds, precision: 6);

        _time.Advance(TimeSpan.FromMilliseconds(75));
        Assert.False(_bucket.TryTake(Rate, Now, out retryAfter));
        Assert.Equal(0.025, retryAfter.TotalSeconds, precision: 6);

        _time.Advance(TimeSpan.FromMilliseconds(26));
        Assert.True(_bucket.TryTake(Rate, Now, out retryAfter));
        Assert.Equal(TimeSpan.Zero, retryAfter);
        Assert.False(_bucket.TryTake(Rate, Now));
    }

    [Fact]
    public void Bucket_OverTime_FillsAtItsRate()
    {
        TakeAll();
        var taken = 0;
        for (var i = 0; i < 600; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            taken += TakeAll();
        }

        Assert.InRange(taken, 599, 600);
    }

    [Fact]
    public void Bucket_AfterALongSilence_HoldsNoMoreThanAtFirst()
    {
        TakeAll();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(60, TakeAll());
    }

    [Fact]
    public void Bucket_Asked_LosesNothing()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_bucket.HasAny(Rate, Now));
        }

        Assert.Equal(60, TakeAll());
        Assert.False(_bucket.HasAny(Rate, Now));
    }

    [Fact]
    public void Bucket_Owed_SaysWhenNothingIsOwedAnyMore()
    {
        Assert.InRange(_bucket.Owe(Rate, 60, Now), double.MinValue, 0);
        Assert.Equal(2, _bucket.Owe(Rate, 20, Now), precision: 6);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(_bucket.HasAny(Rate, Now));
        _time.Advance(TimeSpan.FromMilliseconds(101));
        Assert.True(_bucket.TryTake(Rate, Now));
    }

    private int TakeAll()
    {
        var taken = 0;
        while (taken < 1_000 && _bucket.TryTake(Rate, Now))
        {
            taken++;
        }

        return taken;
    }
}
