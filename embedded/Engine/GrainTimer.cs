using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <summary>
/// A grain's timer. Armed for one tick at a time and again when the tick has finished, so it never overlaps itself; hence it can be its own
/// queued request.
/// </summary>
internal sealed partial class GrainTimer : Work, IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly CancellationTokenSource _stopped = new();
    private readonly GrainTimerCreationOptions _options;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _isTicking;
    private bool _isChangedWhileTicking;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        Check(options.DueTime, nameof(options.DueTime));
        Check(options.Period, nameof(options.Period));
        (_activation, _callback, _options) = (activation, callback, options);
        (_dueTime, _period) = (options.DueTime, options.Period);
        _timer = activation.Engine.Time.CreateTimer(
            static state => ((GrainTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override Admission Admission => _options.Interleave ? Admission.AlwaysInterleave : Admission.Exclusive;

    public override bool KeepsAlive => _options.KeepAlive;

    public override bool IsAbandoned => _stopped.IsCancellationRequested;

    public void Start() => _timer.Change(_dueTime, Timeout.InfiniteTimeSpan);

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (_gate)
        {
            if (IsAbandoned)
            {
                return;
            }

            (_dueTime, _period) = (dueTime, period);
            if (_isTicking)
            {
                _isChangedWhileTicking = true;
                return;
            }

            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (IsAbandoned)
            {
                return;
            }

            _timer.Dispose();
            _stopped.Cancel();
        }

        _activation.Forget(this);
    }

    public override void Finished(Task task)
    {
        if (task.Exception?.InnerException is { } failure)
        {
            LogTickFailed(_activation.Engine.Logger, failure, _activation);
        }

        lock (_gate)
        {
            _isTicking = false;
            if (IsAbandoned)
            {
                return;
            }

            _timer.Change(_isChangedWhileTicking ? _dueTime : _period, Timeout.InfiniteTimeSpan);
            _isChangedWhileTicking = false;
        }
    }

    // The activation takes no more requests just now: the tick is skipped, the next one will come.
    public override void Reject(Exception exception) => Finished(Task.CompletedTask);

    // A timer belongs to its activation and ends with it.
    public override void Redirect(GrainHome home, string key) => Dispose();

    protected override Task Run(object target) => _callback(_stopped.Token);

    private static void Check(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, value, "A time, or infinite.");
        }
    }

    private void Fire()
    {
        lock (_gate)
        {
            if (IsAbandoned || _isTicking)
            {
                return;
            }

            _isTicking = true;
        }

        if (!_activation.TrySend(this))
        {
            Dispose();
        }
    }

    [LoggerMessage(1004, LogLevel.Error, "A timer's tick failed in {Activation}")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, Activation activation);
}
