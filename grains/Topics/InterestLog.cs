using IotPlatform.Gateways;

namespace IotPlatform.Topics;

/// <summary>
/// The topic filters that somebody is interested in: sessions of a gateway, as far as clients of other gateways may publish to them, or sessions that are kept in
/// a shard. Gateways pull the changes. A filter is in effect once every gateway that relies on what it has pulled has pulled it too; a gateway that has not
/// pulled for longer than <see cref="IGatewayPeer.PullValidity"/> relies on nothing, and sends everything.
/// </summary>
public sealed class InterestLog(TimeProvider time)
{
    /// <summary>Changes that are kept for those who are behind; who is further behind gets the whole.</summary>
    private const int ChangesMax = 16_384;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _filters = new(StringComparer.Ordinal);
    private readonly Queue<Change> _changes = new();
    private readonly Dictionary<GatewayId, Puller> _pullers = [];
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource _pulled = NewSignal();
    private long _version = 1;

    /// <summary>How many filters there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _filters.Count;
            }
        }
    }

    /// <summary>Somebody is interested in it.</summary>
    /// <returns>False when there are as many filters as there may be.</returns>
    public bool TryAdd(string filter, int max)
    {
        lock (_gate)
        {
            if (_filters.Count >= max && !_filters.Contains(filter))
            {
                return false;
            }

            if (_filters.Add(filter))
            {
                Record(filter, isAdded: true);
            }

            return true;
        }
    }

    /// <summary>Nobody is interested in it any more.</summary>
    public void Remove(string filter)
    {
        lock (_gate)
        {
            if (_filters.Remove(filter))
            {
                Record(filter, isAdded: false);
            }
        }
    }

    /// <summary>Answers a gateway's pull: at once when there is something new for it, else when there is, or after <see cref="IGatewayPeer.PullTime"/>.</summary>
    /// <param name="epoch">Which log it is, of those that have been kept in its place.</param>
    /// <param name="pull">What the gateway has.</param>
    public async Task<InterestChanges> PullAsync(long epoch, InterestPull pull)
    {
        var since = pull.SinceEpoch == epoch ? pull.SinceVersion : 0;
        Task changed;
        lock (_gate)
        {
            Confirm(pull, since);
            changed = since == _version ? _changed.Task : Task.CompletedTask;
        }

        if (!changed.IsCompleted)
        {
            await Task.WhenAny(changed, Task.Delay(IGatewayPeer.PullTime, time)).ConfigureAwait(false);
        }

        lock (_gate)
        {
            Answered(pull, since);
            return ChangesSince(epoch, since);
        }
    }

    /// <summary>Completes when everything that has been added by now is in effect at every gateway.</summary>
    public Task WhenEffective()
    {
        lock (_gate)
        {
            return IsEffective(_version, out _) ? Task.CompletedTask : WaitAsync(_version);
        }
    }

    /// <summary>Completes when all these gateways pull from this one, or have had their time to.</summary>
    public async Task WhenPulledByAsync(IEnumerable<GatewayId> gateways, TimeSpan patience)
    {
        var until = time.GetTimestamp() + (long)(patience.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            Task pulled;
            lock (_gate)
            {
                if (gateways.All(_pullers.ContainsKey))
                {
                    return;
                }

                pulled = _pulled.Task;
            }

            var left = time.GetElapsedTime(time.GetTimestamp(), until);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await Task.WhenAny(pulled, Task.Delay(left, time)).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Record(string filter, bool isAdded)
    {
        _version++;
        _changes.Enqueue(new Change(_version, filter, isAdded));
        if (_changes.Count > ChangesMax)
        {
            _changes.Dequeue();
        }

        Interlocked.Exchange(ref _changed, NewSignal()).SetResult();
    }

    private void Confirm(InterestPull pull, long since)
    {
        long? reliesSince = null;
        if (_pullers.TryGetValue(pull.Gateway, out var known))
        {
            if (Compare(pull, known) <= 0)
            {
                return;
            }

            // It asks once at a time: an answer that it does not go on from has not arrived, and will not.
            reliesSince = since == 0 || known.Epoch != pull.Epoch ? null
                : since >= known.AnsweredVersion ? known.AnsweredAt
                : known.ReliesSince;
        }

        _pullers[pull.Gateway] = new Puller(pull.Epoch, pull.Number, since, reliesSince, reliesSince, since);
        Interlocked.Exchange(ref _pulled, NewSignal()).SetResult();
    }

    private void Answered(InterestPull pull, long since)
    {
        var isKnown = _pullers.TryGetValue(pull.Gateway, out var known);
        if (isKnown && Compare(pull, known) < 0)
        {
            return;
        }

        // One that was taken for stopped while its pull was held is there again.
        var now = time.GetTimestamp();
        var reliesSince = since == _version ? now : isKnown && known.Epoch == pull.Epoch ? known.ReliesSince : null;
        _pullers[pull.Gateway] = new Puller(pull.Epoch, pull.Number, since, reliesSince, now, _version);
    }

    // An older one comes late: it is of a process that is gone, or the process has given it up.
    private static int Compare(InterestPull pull, in Puller known) => (pull.Epoch, pull.Number).CompareTo((known.Epoch, known.Number));

    private InterestChanges ChangesSince(long epoch, long since)
    {
        var isWhole = since == 0 || (_changes.TryPeek(out var first) ? since < first.Version - 1 : since != _version);
        if (isWhole)
        {
            return new InterestChanges(epoch, _version, IsWhole: true, [.. _filters], []);
        }

        var touched = new HashSet<string>(_changes.Where(change => change.Version > since).Select(static change => change.Filter), StringComparer.Ordinal);
        return new InterestChanges(
            epoch, _version, IsWhole: false, [.. touched.Where(_filters.Contains)], [.. touched.Where(filter => !_filters.Contains(filter))]);
    }

    private bool IsEffective(long version, out TimeSpan retryIn)
    {
        retryIn = TimeSpan.Zero;
        foreach (var (gateway, puller) in _pullers)
        {
            if (puller.AnsweredAt is { } answeredAt && ReliesFor(answeredAt) <= TimeSpan.Zero)
            {
                _pullers.Remove(gateway);
            }
            else if (puller.Confirmed < version && WithoutSince(puller, version) is { } since && ReliesFor(since) > retryIn)
            {
                retryIn = ReliesFor(since);
            }
        }

        return retryIn == TimeSpan.Zero;
    }

    // Where its last answer tells of the version, it relies on what it had before, or has the version.
    private static long? WithoutSince(in Puller puller, long version) => puller.AnsweredVersion >= version ? puller.ReliesSince : puller.AnsweredAt;

    // What it was answered counts from when it asked, which was earlier: it stops relying on it no later than this.
    private TimeSpan ReliesFor(long answeredAt) => IGatewayPeer.PullValidity - time.GetElapsedTime(answeredAt);

    private async Task WaitAsync(long version)
    {
        while (true)
        {
            Task pulled;
            TimeSpan retryIn;
            lock (_gate)
            {
                if (IsEffective(version, out retryIn))
                {
                    return;
                }

                pulled = _pulled.Task;
            }

            await Task.WhenAny(pulled, Task.Delay(retryIn, time)).ConfigureAwait(false);
        }
    }

    private readonly record struct Change(long Version, string Filter, bool IsAdded);

    /// <param name="Epoch">Which process it is.</param>
    /// <param name="Number">The number of its last pull.</param>
    /// <param name="Confirmed">The version that is in effect there.</param>
    /// <param name="ReliesSince">When it was last told that this version is the newest, or given it; null: it relies on nothing that it had before its last answer.</param>
    /// <param name="AnsweredAt">When it was last answered; null: never.</param>
    /// <param name="AnsweredVersion">The version that the last answer led to. Whether that has arrived, its next pull tells.</param>
    private readonly record struct Puller(long Epoch, long Number, long Confirmed, long? ReliesSince, long? AnsweredAt, long AnsweredVersion);
}
