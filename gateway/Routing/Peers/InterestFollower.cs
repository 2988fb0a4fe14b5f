using System.Text;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Topics;

namespace IotPlatform.Routing.Peers;

/// <summary>Keeps a copy of what somebody else is interested in, in a trie, as long as it lives.</summary>
/// <typeparam name="TSource">Who that is.</typeparam>
internal sealed class InterestFollower<TSource> : IDisposable
    where TSource : notnull
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _filters = new(StringComparer.Ordinal);
    private readonly TSource _source;
    private readonly SubscriptionTrie<TSource, string> _trie;
    private readonly GatewayIdentity _self;
    private readonly CallNumbers _numbers;
    private readonly Func<InterestPull, Task<InterestChanges>> _pull;
    private readonly Action? _replaced;
    private readonly TimeProvider _time;
    private readonly Action<Exception> _failed;
    private bool _isForgotten;
    private long _epoch;
    private long _version;
    private long _askedAt;

    /// <summary>Starts to follow.</summary>
    /// <param name="source">Who is followed.</param>
    /// <param name="trie">Where its interests are entered.</param>
    /// <param name="self">Who follows it.</param>
    /// <param name="numbers">Where pulls get their numbers.</param>
    /// <param name="pull">Asks it.</param>
    /// <param name="replaced">Called when another one answers in its place, with an epoch of its own; null: nobody is told.</param>
    /// <param name="time">Tells how old the copy is.</param>
    /// <param name="failed">Told of the first failure of a row.</param>
    public InterestFollower(
        TSource source,
        SubscriptionTrie<TSource, string> trie,
        GatewayIdentity self,
        CallNumbers numbers,
        Func<InterestPull, Task<InterestChanges>> pull,
        Action? replaced,
        TimeProvider time,
        Action<Exception> failed)
    {
        (_source, _trie, _self, _numbers, _pull, _replaced, _time, _failed) = (source, trie, self, numbers, pull, replaced, time, failed);
        Following = FollowAsync();
    }

    /// <summary>Ends after <see cref="Dispose"/>.</summary>
    public Task Following { get; }

    /// <summary>The copy may be relied on.</summary>
    public bool IsFresh
    {
        get
        {
            var askedAt = Volatile.Read(ref _askedAt);
            return askedAt != 0 && _time.GetElapsedTime(askedAt) < IGatewayPeer.PullValidity;
        }
    }

    /// <summary>Forgets it: it is gone, and so are its interests when this returns.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        Forget();
    }

    private async Task FollowAsync()
    {
        // The caller goes on at once.
        await Task.Yield();
        var isFailing = false;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var askedAt = _time.GetTimestamp();
                Apply(await _pull(new InterestPull(_self.Gateway, _self.Epoch, _epoch, _version, _numbers.Next())).ConfigureAwait(false));
                Volatile.Write(ref _askedAt, askedAt);
                isFailing = false;
            }
            catch (Exception exception)
            {
                if (!isFailing)
                {
                    _failed(exception);
                }

                isFailing = true;
                await Task.Delay(RetryInterval, _time).ConfigureAwait(false);
            }
        }

        _stopping.Dispose();
    }

    private void Apply(InterestChanges changes)
    {
        var isReplaced = _epoch != 0 && _epoch != changes.Epoch;
        lock (_filters)
        {
            if (!_isForgotten)
            {
                ApplyLocked(changes);
            }
        }

        if (isReplaced)
        {
            _replaced?.Invoke();
        }
    }

    private void ApplyLocked(InterestChanges changes)
    {
        if (changes.IsWhole)
        {
            foreach (var filter in _filters.Except(changes.Added).ToList())
            {
                Remove(filter);
            }
        }

        foreach (var filter in changes.Removed)
        {
            Remove(filter);
        }

        foreach (var filter in changes.Added)
        {
            if (_filters.Add(filter))
            {
                _trie.Add(Encoding.UTF8.GetBytes(filter), _source, filter);
            }
        }

        (_epoch, _version) = (changes.Epoch, changes.Version);
    }

    private void Remove(string filter)
    {
        if (_filters.Remove(filter))
        {
            _trie.Remove(Encoding.UTF8.GetBytes(filter), _source);
        }
    }

    private void Forget()
    {
        lock (_filters)
        {
            _isForgotten = true;
            foreach (var filter in _filters.ToList())
            {
                Remove(filter);
            }
        }
    }
}
