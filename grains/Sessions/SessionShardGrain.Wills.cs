namespace IotPlatform.Sessions;

/// <content>Wills that wait (MQTT 5.0 section 3.1.3.2.2): for as long as their sessions at most, and only until their clients come back.</content>
internal sealed partial class SessionShardGrain
{
    /// <summary>Timers do not reach as far as a delay may.</summary>
    private static readonly TimeSpan WillTimerMax = TimeSpan.FromDays(1);

    private readonly HashSet<StoredSession> _waitingWills = [];
    private IGrainTimer? _willTimer;
    private DateTimeOffset _willTimerAt = DateTimeOffset.MaxValue;

    /// <summary>The connection is lost.</summary>
    private void AwaitWill(StoredSession session)
    {
        if (session.Will is null)
        {
            return;
        }

        // Whichever comes first: what is over is noticed in a sweep, later than a will may be.
        session.WillDueAt ??= Now + (session.Will.Delay < session.Expiry ? session.Will.Delay : session.Expiry);
        _waitingWills.Add(session);
        ArmWillTimer();
    }

    // [MQTT-3.1.3-9] A new connection has come in time.
    private void ForgetWill(StoredSession session)
    {
        session.WillDueAt = null;
        _waitingWills.Remove(session);
    }

    private void PublishWill(StoredSession session)
    {
        if (session.Will is { } will && _waitingWills.Remove(session))
        {
            session.Will = null;
            session.WillDueAt = null;
            services.Wills.Publish(session.Device, will.Will);
        }
    }

    private async Task PublishDueWillsAsync()
    {
        _willTimerAt = DateTimeOffset.MaxValue;
        var now = Now;
        var saved = new List<Task>();
        foreach (var session in _waitingWills.Where(session => session.WillDueAt <= now).ToList())
        {
            PublishWill(session);
            saved.Add(DespiteOutageAsync(services.Store.SaveAsync(_shard, session.ToRecord())));
        }

        ArmWillTimer();
        await Task.WhenAll(saved);
    }

    private void ArmWillTimer()
    {
        if (_waitingWills.Count == 0 || _waitingWills.Min(static session => session.WillDueAt) is not { } next || next >= _willTimerAt)
        {
            return;
        }

        _willTimerAt = next;
        var wait = TimeSpan.FromTicks(Math.Clamp((next - Now).Ticks, 0, WillTimerMax.Ticks));
        if (_willTimer is null)
        {
            _willTimer = this.RegisterGrainTimer(
                PublishDueWillsAsync, new GrainTimerCreationOptions { DueTime = wait, Period = Timeout.InfiniteTimeSpan, Interleave = true });
        }
        else
        {
            _willTimer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }
}
