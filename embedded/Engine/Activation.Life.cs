using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <content>How an activation comes and goes.</content>
internal sealed partial class Activation
{
    private static readonly SendOrPostCallback ActivateTurn = static self => ((Activation)self!).BeginActivation(((Activation)self)._firstWaiting?.Context);
    private static readonly SendOrPostCallback DeactivateTurn = static self => _ = ((Activation)self!).DeactivateAsync();

    /// <summary>Asks for deactivation once no request is running. The first reason stays.</summary>
    public void Deactivate(DeactivationReason reason)
    {
        lock (this)
        {
            _deactivationReason ??= reason;
            BeginDeactivationLocked();
        }
    }

    public void DelayDeactivation(TimeSpan time)
    {
        _keepUntil = time == Timeout.InfiniteTimeSpan || time == TimeSpan.MaxValue ? long.MaxValue
            : time <= TimeSpan.Zero ? 0
            : Engine.CoarseNow + time.Ticks;
    }

    /// <summary>Deactivates it when nobody has used it for the collection age.</summary>
    public void CollectIfIdle(long now, long ageTicks)
    {
        if (_status != ActivationStatus.Valid || now - _lastUsed < ageTicks || now < _keepUntil)
        {
            return;
        }

        lock (this)
        {
            if (_runningCount == 0 && _firstWaiting is null && !_turn.IsThere && now - _lastUsed >= ageTicks)
            {
                _deactivationReason ??= new DeactivationReason(DeactivationReasonCode.ActivationIdle, "Not used for its collection age.");
                BeginDeactivationLocked();
            }
        }
    }

    public IGrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (Current != this)
        {
            throw new InvalidOperationException("A grain's timer is made in a turn of that grain.");
        }

        var timer = new GrainTimer(this, callback, options);
        lock (this)
        {
            (_timers ??= []).Add(timer);
        }

        timer.Start();
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (this)
        {
            _timers?.Remove(timer);
        }
    }

    /// <summary>Constructs the grain and starts OnActivateAsync, within a turn.</summary>
    /// <returns>What failed, when it failed at once.</returns>
    private Exception? BeginActivation(ImmutableDictionary<string, object>? requestContext)
    {
        try
        {
            CleanContext.Enter(requestContext);
            Grain = home.GrainClass.Construct(Engine.Services);
            var activation = home.GrainClass.HasOnActivate ? ActivateAsync(Grain) : Task.CompletedTask;
            if (!activation.IsCompleted)
            {
                activation.ContinueWith(
                    static (finished, self) => ((Activation)self!).EndActivation(finished.Exception?.InnerException),
                    this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                return null;
            }

            activation.GetAwaiter().GetResult();
            EndActivation(null);
            return null;
        }
        catch (Exception exception)
        {
            EndActivation(exception);
            return exception;
        }
    }

    private async Task ActivateAsync(Grain grain)
    {
        using var timeout = new CancellationTokenSource(Engine.Options.ActivationTimeout, Engine.Time);
        var activation = grain.OnActivateAsync(timeout.Token);
        if (activation.IsCompleted)
        {
            await activation;
            return;
        }

        try
        {
            await activation.WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new OrleansMessageRejectionException($"{this} did not activate within {Engine.Options.ActivationTimeout}.");
        }
    }

    private void EndActivation(Exception? failure)
    {
        if (failure is null)
        {
            lock (this)
            {
                _status = ActivationStatus.Valid;
                if (_deactivationReason is null)
                {
                    StartWaitingLocked();
                }
                else
                {
                    BeginDeactivationLocked();
                }
            }

            return;
        }

        LogActivationFailed(Engine.Logger, failure, home.GrainClass.Name, key);
        foreach (var work in Leave())
        {
            work.Reject(failure);
        }
    }

    private void BeginDeactivationLocked()
    {
        if (_status == ActivationStatus.Valid && _runningCount == 0)
        {
            _status = ActivationStatus.Deactivating;
            AddTurnLocked(new Turn(DeactivateTurn, this));
        }
    }

    private async Task DeactivateAsync()
    {
        var reason = (DeactivationReason)_deactivationReason!;
        StopTimers();
        try
        {
            if (home.GrainClass.HasOnDeactivate)
            {
                using var timeout = new CancellationTokenSource(Engine.Options.DeactivationTimeout, Engine.Time);
                await Grain!.OnDeactivateAsync(reason, timeout.Token).WaitAsync(timeout.Token);
            }

            await DisposeGrainAsync();
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(Engine.Logger, exception, home.GrainClass.Name, key);
        }

        foreach (var work in Leave())
        {
            work.Redirect(home, key);
        }
    }

    private async ValueTask DisposeGrainAsync()
    {
        if (Grain is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else if (Grain is IDisposable disposable)
        {
            disposable.Dispose();
        }
    }

    private void StopTimers()
    {
        List<GrainTimer>? timers;
        lock (this)
        {
            timers = _timers;
            _timers = null;
        }

        timers?.ForEach(static timer => timer.Dispose());
    }

    /// <summary>Leaves its home, and hands over the requests that were waiting, each on its own.</summary>
    private List<Work> Leave()
    {
        home.Remove(this);
        var waiting = new List<Work>(_waitingCount);
        lock (this)
        {
            _status = ActivationStatus.Gone;
            _deactivated?.TrySetResult();
            while (_firstWaiting is { } work)
            {
                RemoveWaitingLocked(work, previous: null);
                waiting.Add(work);
            }
        }

        return waiting;
    }

    [LoggerMessage(1001, LogLevel.Error, "A turn of {GrainClass} {Key} failed with nobody waiting for it")]
    private static partial void LogTurnFailed(ILogger logger, Exception exception, string grainClass, string key);

    [LoggerMessage(1002, LogLevel.Error, "{GrainClass} {Key} failed to activate")]
    private static partial void LogActivationFailed(ILogger logger, Exception exception, string grainClass, string key);

    [LoggerMessage(1003, LogLevel.Warning, "{GrainClass} {Key} failed while deactivating")]
    private static partial void LogDeactivationFailed(ILogger logger, Exception exception, string grainClass, string key);
}
