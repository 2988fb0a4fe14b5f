using System.Diagnostics;

namespace IotPlatform.Engine.Tests;

public sealed class TimerGrain(Board board) : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private TimerPlan? _plan;
    private int _ticks;
    private CancellationToken _token;

    private string Key => this.GetPrimaryKeyString();

    private Journal Journal => board.Journal(Key);

    public override Task OnActivateAsync(CancellationToken cancellationToken) => board.ActivateAsync(Key, cancellationToken);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Add(_token.IsCancellationRequested ? "deactivated, token cancelled" : "deactivated, token not cancelled");
        return Task.CompletedTask;
    }

    public Task StartAsync(TimerPlan plan)
    {
        _plan = plan;
        _timer = this.RegisterGrainTimer(
            TickAsync,
            new GrainTimerCreationOptions { DueTime = plan.DueTime, Period = plan.Period, Interleave = plan.Interleave, KeepAlive = plan.KeepAlive });
        return Task.CompletedTask;
    }

    public Task StartWithStateAsync(string state)
    {
        this.RegisterGrainTimer(
            (given, _) =>
            {
                Journal.Add(given);
                return Task.CompletedTask;
            },
            state,
            new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan });
        return Task.CompletedTask;
    }

    public Task ChangeAsync(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task StartAndHoldAsync(TimerPlan plan)
    {
        await StartAsync(plan);
        await board.Gate(Key, "request").PassAsync();
        Journal.Add("request ends");
    }

    public Task<bool> IsTokenCancelledAsync() => Task.FromResult(_token.IsCancellationRequested);

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        _token = cancellationToken;
        var meter = board.Meter(Key);
        meter.Enter();
        meter.MarkStart(Stopwatch.GetTimestamp());
        Journal.Add("tick");
        try
        {
            await RunAsync(_ticks < _plan!.FirstTicks.Length ? _plan.FirstTicks[_ticks++] : Tick.Count);
        }
        finally
        {
            Journal.Add("tock");
            meter.MarkEnd(Stopwatch.GetTimestamp());
            meter.Exit();
        }
    }

    private Task RunAsync(Tick tick)
    {
        switch (tick)
        {
            case Tick.Hold:
                return board.Gate(Key, "tick").PassAsync();
            case Tick.Throw:
                throw new InvalidOperationException("This tick fails.");
            case Tick.ChangeToOneMore:
                _timer!.Change(TimerPlan.Soon, Timeout.InfiniteTimeSpan);
                break;
            case Tick.Dispose:
                _timer!.Dispose();
                break;
        }

        return Task.CompletedTask;
    }
}
