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
    private readonly Dictionary<IGatewayObserver, ShardRun> _byShard = [];
    private ImmutableArray<GatewayTally> _before = [];
    private ImmutableArray<GatewayTally> _stored = [];
    private BroadcastTally[] _tallies = [];
    private BroadcastTargets _targets = BroadcastTargets.None;
    private BroadcastTargets? _matched;
    private bool _isResumed;
    private bool _isReopened;
    private double _allowance;
    private long _allowedAt;
    private long _unserved;

    public BroadcastMessage Message => message;

    /// <summary>Where it has gone, once the devices that were online have been written to.</summary>
    public IReadOnlyList<ShardRun> Shards => _shards;

    public BroadcastStatus Status { get; private set; } = BroadcastStatus.Running;

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>It has ended, and that has not been offered to the store yet.</summary>
    public bool HasJustEnded { get; set; }

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

    /// <summary>Complete when it has ended, and that is stored.</summary>
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
        _isReopened = true,
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
            Add(new ShardRun(_targets.Shards[i], _targets.Gateways[i]) { Tally = _tallies[i], IsKnown = isKnown });
        }

        _tallies = [];
        _targets = BroadcastTargets.None;
        IsFollowed = true;
    }

    /// <summary>Shards that have gone are lost, until they return; those that have come are asked too. Those of a run that another activation has begun are all new to this one.</summary>
    public void Match(BroadcastTargets targets, DateTimeOffset now)
    {
        if (_matched == targets)
        {
            return;
        }

        _matched = targets;
        var live = targets.Shards.ToHashSet();
        foreach (var shard in _shards)
        {
            if (live.Contains(shard.Shard))
            {
                shard.Return();
            }
            else
            {
                shard.Leave(now);
            }
        }

        for (var i = 0; i < targets.Shards.Length; i++)
        {
            if (!_byShard.ContainsKey(targets.Shards[i]))
            {
                Add(new ShardRun(targets.Shards[i], targets.Gateways[i]));
            }
        }
    }

    /// <summary>What is known of a shard, or null.</summary>
    public ShardRun? Find(IGatewayObserver shard) => _byShard.GetValueOrDefault(shard);

    /// <summary>The shards are asked once more: what may be written since the last time is for those of them that can be.</summary>
    /// <param name="busy">Those that have not answered the last question.</param>
    /// <param name="time">The clock.</param>
    public void BeginRound(HashSet<IGatewayObserver> busy, TimeProvider time)
    {
        if (message.MaxRate == 0)
        {
            return;
        }

        var now = time.GetTimestamp();
        var elapsed = _allowedAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(_allowedAt, now);
        _allowedAt = now;

        // What could not be used within a second is lost: a gateway that was away for a while is not made up for in a burst.
        _allowance = Math.Min(Math.Max(1, message.MaxRate), _allowance + (elapsed.TotalSeconds * message.MaxRate));
        _unserved = _shards.Sum(shard => shard.IsLost || shard.IsSilent || busy.Contains(shard.Shard) ? 0 : shard.Tally.Waiting);
    }

    /// <summary>How many devices of a shard may be written to in this round, so that the rate is kept over all shards, and each has its part of it.</summary>
    public int TakeQuota(ShardRun shard)
    {
        var waiting = shard.Tally.Waiting;
        if (message.MaxRate == 0 || IsOver || shard.IsSilent || waiting == 0)
        {
            return 0;
        }

        // Rounded, with what is left over to those that come after: the last one has all of it, so that a rate of less than one a shard goes on too.
        var share = Math.Round(_allowance * waiting / Math.Max(waiting, _unserved), MidpointRounding.AwayFromZero);
        _unserved -= waiting;
        var quota = (int)Math.Min(waiting, Math.Min(Math.Floor(_allowance), share));
        _allowance -= quota;
        return quota;
    }

    /// <summary>It has ended.</summary>
    public void End(DateTimeOffset now)
    {
        Status = IsCancelled ? BroadcastStatus.Cancelled : BroadcastStatus.Completed;
        EndedAt = now;
        HasJustEnded = true;
        IsOver = true;
    }

    /// <summary>Its end is stored.</summary>
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
            EndedAt is null && IsCancelled ? BroadcastStatus.Cancelled : Status,
            message.Filter,
            message.MaxRate,
            message.ExpiresAt,
            gateways);
    }

    private void Add(ShardRun shard)
    {
        if (_isReopened)
        {
            // What it may still have from before is in the counts already.
            shard.GoWithout();
        }

        _shards.Add(shard);
        _byShard.Add(shard.Shard, shard);
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
