using IotPlatform.Broadcasts;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Broadcasts;

public sealed class CallQuotaTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(600, 60)]
    [InlineData(25, 2)]
    [InlineData(5, 1)]
    public void Quota_AtOnce_IsATenthOfAMinutes(int perMinute, int atOnce) => Assert.Equal(atOnce, TakeAll(new CallQuota(perMinute, _time)));

    [Fact]
    public void Quota_UsedUp_SaysWhenTheNextCallIsWithinIt()
    {
        var quota = new CallQuota(30, _time);
        TakeAll(quota);
        Assert.False(quota.TryTake(out var retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(2), retryAfter);
    }

    [Fact]
    public void Quota_OverTime_IsThatOfAMinute()
    {
        var quota = new CallQuota(600, _time);
        TakeAll(quota);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, TakeAll(quota));
    }

    [Fact]
    public void Quota_OfNone_RefusesNobody() => Assert.Equal(1_000, TakeAll(new CallQuota(0, _time)));

    private static int TakeAll(CallQuota quota)
    {
        var taken = 0;
        while (taken < 1_000 && quota.TryTake(out _))
        {
            taken++;
        }

        return taken;
    }
}
