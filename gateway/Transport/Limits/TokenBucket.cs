namespace IotPlatform.Transport.Limits;

/// <summary>What is left of a <see cref="Rate"/>. Knows no clock: times are seconds since whenever, and never run backwards.</summary>
internal struct TokenBucket(Rate rate, double now)
{
    private double _tokens = rate.Burst;
    private double _filledAt = now;

    /// <summary>Takes a token, if there is one.</summary>
    public bool TryTake(Rate rate, double now)
    {
        if (!HasAny(rate, now))
        {
            return false;
        }

        _tokens--;
        return true;
    }

    public bool HasAny(Rate rate, double now)
    {
        _tokens = Math.Min(rate.Burst, _tokens + ((now - _filledAt) * rate.PerSecond));
        _filledAt = now;
        return _tokens >= 1;
    }
}
