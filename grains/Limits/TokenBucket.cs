namespace IotPlatform.Limits;

/// <summary>What is left of a <see cref="Rate"/>. Knows no clock: times are seconds since whenever, and never run backwards.</summary>
/// <param name="rate">The rate, all of whose burst is there; every call is given the same one.</param>
/// <param name="now">The time.</param>
public struct TokenBucket(Rate rate, double now)
{
    private double _tokens = rate.Burst;
    private double _filledAt = now;

    /// <summary>A steady clock's time as buckets take it.</summary>
    public static double NowOf(TimeProvider time) => time.GetTimestamp() / (double)time.TimestampFrequency;

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

    /// <summary>Takes a token, if there is one.</summary>
    /// <param name="rate">The rate.</param>
    /// <param name="now">The time.</param>
    /// <param name="retryAfter">If there is none: after what time there will be one.</param>
    public bool TryTake(Rate rate, double now, out TimeSpan retryAfter)
    {
        var isTaken = TryTake(rate, now);
        retryAfter = isTaken ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / rate.PerSecond);
        return isTaken;
    }

    /// <summary>Gives a token back that was taken for nothing.</summary>
    public void Return() => _tokens++;

    /// <summary>Takes tokens, whether they are there or not.</summary>
    /// <returns>Seconds until none is owed; 0 or less where none is.</returns>
    public double Owe(Rate rate, double tokens, double now)
    {
        Fill(rate, now);
        _tokens -= tokens;
        return -_tokens / rate.PerSecond;
    }

    /// <summary>Whether there is a token.</summary>
    public bool HasAny(Rate rate, double now)
    {
        Fill(rate, now);
        return _tokens >= 1;
    }

    private void Fill(Rate rate, double now)
    {
        _tokens = Math.Min(rate.Burst, _tokens + ((now - _filledAt) * rate.PerSecond));
        _filledAt = now;
    }
}
