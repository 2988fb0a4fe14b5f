namespace IotPlatform.Broadcasts;

/// <summary>Calls a minute, as a token bucket that holds a tenth of them. Belongs to one grain.</summary>
internal sealed class CallQuota(int perMinute, TimeProvider time)
{
    private readonly double _perSecond = perMinute / 60.0;
    private readonly double _tokensMax = Math.Max(1, perMinute / 10);
    private double _tokens = Math.Max(1, perMinute / 10);
    private long _filledAt = time.GetTimestamp();

    /// <summary>Whether one more call is within the quota; counted if it is.</summary>
    /// <param name="retryAfter">If not: when one will be.</param>
    public bool TryTake(out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        if (perMinute == 0)
        {
            return true;
        }

        var now = time.GetTimestamp();
        _tokens = Math.Min(_tokensMax, _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond));
        _filledAt = now;
        if (_tokens >= 1)
        {
            _tokens--;
            return true;
        }

        retryAfter = TimeSpan.FromSeconds((1 - _tokens) / _perSecond);
        return false;
    }
}
