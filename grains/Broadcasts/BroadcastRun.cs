using System.Collections.Immutable;
using IotPlatform.Gateways;
using IotPlatform.Storage;

namespace IotPlatform.Broadcasts;

/// <summary>One broadcast while it is under way. Belongs to the root's grain, and is used in its turns.</summary>
/// <param name="message">The broadcast.</param>
/// <param name="createdAt">When it was accepted.</param>
internal sealed class BroadcastRun(BroadcastMessage message, DateTimeOffset createdAt)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ShardRun> _shards = [];
    private ImmutableArray<GatewayTally> _before = [];
    private ImmutableArray<GatewayTally> _stored = [];
    private BroadcastTally[] _tallies = [];
    private BroadcastTargets _targets = BroadcastTargets.None;
    private bool _isResumed;
    private double _allowance;
    private long _allowedAt;

    public BroadcastMessage Message => message;

    /// <summary>Where it has gone, once the devices that were online have been written to.</summary>
    public IReadOnlyList<ShardRun> Shards => _shards;

    public BroadcastStatus Status { get; private set; } = BroadcastStatus.Running;

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>It has been called off.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The first sending is done: it is followed.</summary>
    public bool IsFollowed { get; private set; }

    /// <summary>Nobody is to be written to any more, and nobody waited for.</summary>
    public bool IsOver { get; set; }

    /// <summary>Devices that have not acknowledged are written to again; it is not over before that is done.</summary>
    public bool IsRetrying { get; set; }

    /// <summary>Until when acknowledgements are waited for.</summary>
    public DateTimeOffset AwaitedUntil { get; set; }

    /// <summary>The receipt as it was stored last.</summary>
    public BroadcastReceipt? Saved { get; set; }

    /// <summary>Complete when it has ended, and that is stored as far as it can be.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Devices whose turn is still to come.</summary>
    public long Waiting => _shards.Sum(static shard => shard.IsLost ? 0 : shard.Tally.Waiting);

    /// <summary>Devices whose acknowledgement is waited for.</summary>
    public long Awaited => _shards.Sum(static shard => shard.Awaited);

    /// <summary>A run that another activation of its root has begun.</summary>
    public static BroadcastRun Resumed(LastingBroadcast stored) => new(stored.Message, stored.Receipt.CreatedAt)
    {
        _stored = stored.Receipt.Gateways,
        _before = stored.Before,
        _isResumed = true,
        Saved = stored.Receipt,
        IsFollowed = true,
    };

    /// <summary>A broadcast that had ended, and is retried.</summary>
    public static BroadcastRun Reopened(LastingBroadcast stored) => new(stored.Message, stored.Receipt.CreatedAt)
    {
        _stored = stored.Receipt.Gateways,
        _before = stored.Receipt.Gateways,
        Saved = stored.Receipt,
        IsFollowed = true,
    };

    /// <summary>It is on its way to these.</summary>
    public void SendTo(BroadcastTargets targets)
    {
        _targets = targets;
        _tallies = new BroadcastTally[targets.Shards.Length];
    }

    /// <summary>Some of those have answered.</summary>
    public void Report(int first, ImmutableArray<BroadcastTally> tallies) => tallies.CopyTo(_tallies.AsSpan(first));

    /// <summary>All of those have answered: from here on they are asked how far it is.</summary>
    public void Follow()
    {
        for (var i = 0; i < _tallies.Length; i++)
        {
            var isKnown = _tallies[i].Unknown == 0;
            _shards.Add(new ShardRun(_targets.Shards[i], _targets.Gateways[i]) { Tally = _tallies[i], IsKnown = isKnown });
        }

        _tallies = [];
        _targets = BroadcastTargets.None;
        IsFollowed = true;
    }

    /// <summary>One more shard is asked.</summary>
    public ShardRun Add(IGatewayObserver shard, GatewayId gateway)
    {
        var added = new ShardRun(shard, gateway);
        _shards.Add(added);
        return added;
    }

    /// <summary>How many devices of a shard may be written to now, so that the rate is kept over all shards.</summary>
    public int TakeQuota(ShardRun shard, TimeProvider time)
    {
        if (message.MaxRate == 0 || IsOver || shard.Tally.Waiting == 0)
        {
            return 0;
        }

        var now = time.GetTimestamp();
        var elapsed = _allowedAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(_allowedAt, now);
        _allowedAt = now;

        // What could not be used within a second is lost: a gateway that was away for a while is not made up for in a burst.
        _allowance = Math.Min(Math.Max(1, message.MaxRate), _allowance + (elapsed.TotalSeconds * message.MaxRate));
        var share = Math.Ceiling(_allowance * shard.Tally.Waiting / Math.Max(1, Waiting));
        var quota = (int)Math.Min(shard.Tally.Waiting, Math.Min(Math.Floor(_allowance), share));
        _allowance -= quota;
        return quota;
    }

    /// <summary>It has ended.</summary>
    public void End(DateTimeOffset now)
    {
        Status = IsCancelled ? BroadcastStatus.Cancelled : BroadcastStatus.Completed;
        EndedAt = now;
    }

    /// <summary>It is not among those that are under way any more.</summary>
    public void Close() => _closed.TrySetResult();

    /// <summary>The receipt as it is now.</summary>
    public BroadcastReceipt ToReceipt()
    {
        var gateways = Gateways();
        return new BroadcastReceipt(
            message.ProductKey,
            message.MessageId,
            message.Topic,
            message.QoS,
            message.Payload.Length,
            gateways.Aggregate(default(BroadcastTally), static (sum, gateway) => sum + gateway.Tally),
            createdAt,
            EndedAt,
            IsCancelled ? BroadcastStatus.Cancelled : Status,
            message.Filter,
            message.MaxRate,
            message.ExpiresAt,
            gateways);
    }

    private ImmutableArray<GatewayTally> Gateways()
    {
        var tallies = new SortedDictionary<GatewayId, (BroadcastTally Tally, bool IsKnown)>(Comparer<GatewayId>.Create(static (a, b) => string.CompareOrdinal(a.Value, b.Value)));
        for (var i = 0; i < _tallies.Length; i++)
        {
            Add(_targets.Gateways[i], _tallies[i], isKnown: true);
        }

        foreach (var shard in _shards)
        {
            Add(shard.Gateway, shard.Tally, shard.IsKnown || shard.Tally != default);
        }

        foreach (var earlier in _before)
        {
            Add(earlier.Gateway, earlier.Tally, isKnown: tallies.TryGetValue(earlier.Gateway, out var now) && now.IsKnown);
        }

        foreach (var stored in _stored)
        {
            if (!tallies.TryGetValue(stored.Gateway, out var now) || !now.IsKnown)
            {
                // Nothing is known of it but what was stored last, and, where it was not done by then, that it is gone.
                tallies[stored.Gateway] = (stored.Tally + (_isResumed && stored.Tally.Unknown == 0 ? BroadcastTally.OfUnknown : default), true);
            }
        }

        return [.. tallies.Where(static entry => entry.Value.IsKnown).Select(static entry => new GatewayTally(entry.Key, entry.Value.Tally))];

        void Add(GatewayId gateway, BroadcastTally tally, bool isKnown)
        {
            var earlier = tallies.GetValueOrDefault(gateway);
            tallies[gateway] = (earlier.Tally + tally, earlier.IsKnown || isKnown);
        }
    }
}
