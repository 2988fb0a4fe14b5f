namespace IotPlatform.Unit.Tests.Time;

/// <summary>A clock that stands still until a test moves it. Timers run on the thread that moves it, in the order of their times.</summary>
/// <param name="before">The clock that it begins with the time of; from there on each goes by itself. Null: at noon.</param>
internal sealed class ManualTime(ManualTime? before = null) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = before?.GetUtcNow() ?? new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // The machine has been up for a while: zero is no time that a steady clock shows.
    private long _timestamp = before?.GetTimestamp() ?? TimeSpan.TicksPerHour;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _timestamp;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>How many timers are due in exactly this time: whoever waits is seen to have begun to wait before the clock moves.</summary>
    public int TimersDueIn(TimeSpan time)
    {
        lock (_gate)
        {
            return _timers.Count(timer => timer.DueAt == _timestamp + time.Ticks);
        }
    }

    /// <summary>Whether a timer is due within this time.</summary>
    public bool IsTimerDueWithin(TimeSpan time)
    {
        lock (_gate)
        {
            return _timers.Any(timer => timer.DueAt <= _timestamp + time.Ticks);
        }
    }

    /// <summary>How many timers wait.</summary>
    public int TimerCount
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public void Advance(TimeSpan time)
    {
        var end = GetTimestamp() + time.Ticks;
        while (TakeDue(end) is { } timer)
        {
            timer.Fire();
        }

        MoveTo(end);
    }

    /// <summary>Sets the wall clock; timers, which follow the steady one, do not notice.</summary>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_gate)
        {
            _now = now;
        }
    }

    private ManualTimer? TakeDue(long end)
    {
        lock (_gate)
        {
            var timer = _timers.Where(t => t.DueAt <= end).MinBy(static t => t.DueAt);
            if (timer is not null)
            {
                MoveToLocked(Math.Max(timer.DueAt, _timestamp));
                timer.TookDue();
            }

            return timer;
        }
    }

    private void MoveTo(long timestamp)
    {
        lock (_gate)
        {
            MoveToLocked(timestamp);
        }
    }

    private void MoveToLocked(long timestamp)
    {
        _now = _now.AddTicks(timestamp - _timestamp);
        _timestamp = timestamp;
    }

    private sealed class ManualTimer(ManualTime time, Action callback) : ITimer
    {
        private TimeSpan _period;

        /// <summary>On the steady clock; <see cref="long.MaxValue"/>: not armed.</summary>
        public long DueAt { get; private set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time._timestamp + dueTime.Ticks;
                _period = period;
                time._timers.Remove(this);
                if (DueAt != long.MaxValue)
                {
                    time._timers.Add(this);
                }

                return true;
            }
        }

        public void TookDue()
        {
            DueAt = _period > TimeSpan.Zero ? DueAt + _period.Ticks : long.MaxValue;
            if (DueAt == long.MaxValue)
            {
                time._timers.Remove(this);
            }
        }

        public void Fire() => callback();

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
