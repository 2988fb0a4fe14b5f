using IotPlatform.Limits;

namespace IotPlatform.Broadcasts;

/// <summary>Calls a minute, a tenth of them at once; 0: as many as come. Belongs to one grain.</summary>
internal sealed class CallQuota
{
    private readonly TimeProvider _time;
    private readonly Rate? _rate;
    private TokenBucket _left;

    public CallQuota(int perMinute, TimeProvider time)
    {
        _time = time;
        _rate = perMinute > 0 ? new Rate(Math.Max(1, perMinute / 10), perMinute / 60.0) : null;
        _left = new TokenBucket(_rate ?? default, TokenBucket.NowOf(time));
    }

    /// <summary>Whether one more call is within the quota; counted if it is.</summary>
    /// <param name="retryAfter">If not: when one will be.</param>
    public bool TryTake(out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        return _rate is not { } rate || _left.TryTake(rate, TokenBucket.NowOf(_time), out retryAfter);
    }
}
