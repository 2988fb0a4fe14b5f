using System.Runtime.InteropServices;
using IotPlatform.Limits;

namespace IotPlatform.Transport.Limits;

/// <summary>
/// A token bucket for each of many keys. Two generations: a key that is used is in the young one, and the old one is dropped when the young one has lasted
/// as long as a bucket takes to fill, so that what is dropped was full and nothing is lost. With too many keys it is dropped sooner: those that were not
/// used for longest are forgotten.
/// </summary>
/// <param name="rate">Of each key.</param>
/// <param name="keysMax">Keys known at once.</param>
/// <param name="time">The clock.</param>
/// <param name="forgotten">Told how many keys were forgotten too soon.</param>
internal sealed class TokenBuckets<TKey>(Rate rate, int keysMax, TimeProvider time, Action<int> forgotten)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly double _fillSeconds = rate.FillTime.TotalSeconds;
    private Dictionary<TKey, TokenBucket> _young = [];
    private Dictionary<TKey, TokenBucket> _old = [];
    private double _youngSince;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _young.Count + _old.Count;
            }
        }
    }

    private double Now => TokenBucket.NowOf(time);

    /// <summary>Takes a token of the key, if there is one.</summary>
    public bool TryTake(TKey key)
    {
        lock (_gate)
        {
            var now = Now;
            return BucketOf(key, now).TryTake(rate, now);
        }
    }

    /// <summary>Takes a token of the key, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="retryAfter">If there is none: after what time there will be one.</param>
    public bool TryTake(TKey key, out TimeSpan retryAfter)
    {
        lock (_gate)
        {
            var now = Now;
            return BucketOf(key, now).TryTake(rate, now, out retryAfter);
        }
    }

    /// <summary>Gives a token back that was taken for nothing.</summary>
    public void Return(TKey key)
    {
        lock (_gate)
        {
            BucketOf(key, Now).Return();
        }
    }

    /// <summary>Whether the key has a token. Asking costs none, and makes nobody known.</summary>
    public bool HasAny(TKey key)
    {
        lock (_gate)
        {
            return (!_young.TryGetValue(key, out var bucket) && !_old.TryGetValue(key, out bucket)) || bucket.HasAny(rate, Now);
        }
    }

    private ref TokenBucket BucketOf(TKey key, double now)
    {
        TurnIfDue(now);
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_young, key, out var isKnown);
        if (!isKnown)
        {
            bucket = _old.Remove(key, out var older) ? older : new TokenBucket(rate, now);
        }

        return ref bucket;
    }

    private void TurnIfDue(double now)
    {
        var isAged = now - _youngSince >= _fillSeconds;
        if (!isAged && _young.Count < keysMax / 2)
        {
            return;
        }

        if (!isAged && _old.Count > 0)
        {
            forgotten(_old.Count);
        }

        (_young, _old) = (_old, _young);
        _young.Clear();
        _youngSince = now;
    }
}
