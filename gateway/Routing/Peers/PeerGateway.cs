using System.Text;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Topics;

namespace IotPlatform.Routing.Peers;

/// <summary>Another gateway, as this one sees it: a copy of what it is interested in, and what is on its way to it.</summary>
internal sealed partial class PeerGateway : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _filters = new(StringComparer.Ordinal);
    private readonly SubscriptionTrie<PeerGateway, string> _trie;
    private readonly GatewayIdentity _self;
    private readonly CallNumbers _numbers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _isForgotten;
    private long _version;
    private long _askedAt;

    /// <summary>Starts to follow a gateway.</summary>
    /// <param name="lease">The gateway.</param>
    /// <param name="self">Who follows it.</param>
    /// <param name="numbers">Where pulls get their numbers.</param>
    /// <param name="trie">Where its interests are entered.</param>
    /// <param name="outbox">What is on its way to it.</param>
    /// <param name="time">Tells how old the copy is.</param>
    /// <param name="logger">Where failures are told.</param>
    public PeerGateway(
        GatewayLease lease,
        GatewayIdentity self,
        CallNumbers numbers,
        SubscriptionTrie<PeerGateway, string> trie,
        PeerOutbox outbox,
        TimeProvider time,
        ILogger logger)
    {
        Lease = lease;
        Outbox = outbox;
        _self = self;
        _numbers = numbers;
        _trie = trie;
        _time = time;
        _logger = logger;
        AddedAt = time.GetTimestamp();
        Following = FollowAsync();
    }

    public GatewayLease Lease { get; }

    public PeerOutbox Outbox { get; }

    public long AddedAt { get; }

    /// <summary>The cluster counts it among its gateways. One that it does not is there for as long as it answers.</summary>
    public bool IsListed { get; set; } = true;

    /// <summary>Ends after <see cref="Dispose"/>.</summary>
    public Task Following { get; }

    /// <summary>It is to be sent everything: what it is interested in is not known just now.</summary>
    public bool IsUnknown => IsListed && !IsFresh;

    /// <summary>The copy of its interests may be relied on.</summary>
    public bool IsFresh
    {
        get
        {
            var askedAt = Volatile.Read(ref _askedAt);
            return askedAt != 0 && _time.GetElapsedTime(askedAt) < IGatewayPeer.PullValidity;
        }
    }

    /// <summary>Forgets it: it is gone. Its interests first, so that nothing finds its way here any more once the outbox is closed.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        Forget();
        Outbox.Close();
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
                Apply(await Lease.Peer.PullInterestsAsync(NextPull()).ConfigureAwait(false));
                Volatile.Write(ref _askedAt, askedAt);
                isFailing = false;
            }
            catch (Exception exception)
            {
                if (!isFailing)
                {
                    LogPullFailed(_logger, exception, Lease.Gateway);
                }

                isFailing = true;
                await Task.Delay(RetryInterval, _time).ConfigureAwait(false);
            }
        }

        _stopping.Dispose();
    }

    private InterestPull NextPull() => new(_self.Gateway, _self.Epoch, Lease.Epoch, _version, _numbers.Next());

    private void Apply(InterestChanges changes)
    {
        lock (_filters)
        {
            if (!_isForgotten)
            {
                ApplyLocked(changes);
            }
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
                _trie.Add(Encoding.UTF8.GetBytes(filter), this, filter);
            }
        }

        _version = changes.Version;
    }

    private void Remove(string filter)
    {
        if (_filters.Remove(filter))
        {
            _trie.Remove(Encoding.UTF8.GetBytes(filter), this);
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

    [LoggerMessage(4301, LogLevel.Information, "Gateway {Gateway} did not answer what it is interested in; until it does, it is sent everything")]
    private static partial void LogPullFailed(ILogger logger, Exception exception, GatewayId gateway);
}
