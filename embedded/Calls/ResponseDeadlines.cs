using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace IotPlatform.Embedded;

/// <summary>
/// Ends calls whose callers have waited long enough. Calls with the same timeout are in one list, oldest first, so that a
/// sweep looks only at the calls it ends. Granularity: one sweep.
/// </summary>
internal sealed class ResponseDeadlines(TimeProvider time, TimeSpan defaultTimeout)
{
    private readonly ConcurrentDictionary<TimeSpan, DeadlineList> _lists = new();

    /// <summary>Calls ended here since the start.</summary>
    public long TimedOut { get; private set; }

    public void Add(PendingCall call)
    {
        var timeout = call.Method.ResponseTimeout ?? defaultTimeout;
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            _lists.GetOrAdd(timeout, static (t, time) => new DeadlineList(t, time), time).Add(call);
        }
    }

    /// <summary>How many calls wait for their answers, by method.</summary>
    public IEnumerable<KeyValuePair<MethodContract, int>> Waiting() => _lists.Values.SelectMany(static list => list.Waiting());

    public void Sweep()
    {
        foreach (var list in _lists.Values)
        {
            while (list.TakeExpired() is { } call)
            {
                TimedOut++;
                call.TimeOut(list.Timeout);
            }
        }
    }

    internal sealed class DeadlineList(TimeSpan timeout, TimeProvider time)
    {
        private readonly Lock _gate = new();
        private readonly long _ticks = (long)(timeout.TotalSeconds * time.TimestampFrequency);
        private readonly Dictionary<MethodContract, int> _waiting = [];
        private PendingCall? _oldest;
        private PendingCall? _newest;

        public TimeSpan Timeout => timeout;

        public KeyValuePair<MethodContract, int>[] Waiting()
        {
            lock (_gate)
            {
                return [.. _waiting];
            }
        }

        public void Add(PendingCall call)
        {
            lock (_gate)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_waiting, call.Method, out _)++;
                call.Deadlines = this;
                call.Deadline = time.GetTimestamp() + _ticks;
                call.Previous = _newest;
                if (_newest is null)
                {
                    _oldest = call;
                }
                else
                {
                    _newest.Following = call;
                }

                _newest = call;
            }
        }

        public void Remove(PendingCall call)
        {
            lock (_gate)
            {
                RemoveLocked(call);
            }
        }

        public PendingCall? TakeExpired()
        {
            lock (_gate)
            {
                if (_oldest is not { } call || call.Deadline > time.GetTimestamp())
                {
                    return null;
                }

                RemoveLocked(call);
                return call;
            }
        }

        private void RemoveLocked(PendingCall call)
        {
            if (call.Deadlines is null)
            {
                return;
            }

            call.Deadlines = null;
            _waiting[call.Method]--;
            if (call.Previous is { } previous)
            {
                previous.Following = call.Following;
            }
            else
            {
                _oldest = call.Following;
            }

            if (call.Following is { } following)
            {
                following.Previous = call.Previous;
            }
            else
            {
                _newest = call.Previous;
            }

            call.Previous = null;
            call.Following = null;
        }
    }
}
