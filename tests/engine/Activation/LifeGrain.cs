namespace IotPlatform.Engine.Tests;

public sealed class LifeGrain : Grain, ILifeGrain
{
    private readonly Board _board;
    private int _activation;

    public LifeGrain(Board board)
    {
        _board = board;
        Journal.Add("made");
    }

    private string Key => this.GetPrimaryKeyString();

    private Journal Journal => _board.Journal(Key);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await _board.ActivateAsync(Key, cancellationToken);
        Journal.Add("activated");
        _activation = Journal.Count("activated");
        if (_board.Gate(Key, "deactivate at once").TryTake())
        {
            DeactivateOnIdle();
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Add($"deactivated ({reason.ReasonCode})");
        return _board.DeactivateAsync(Key, cancellationToken);
    }

    public Task<int> ActivationAsync() => Task.FromResult(_activation);

    public async Task<int> HoldAsync(string gate)
    {
        await _board.Gate(Key, gate).PassAsync();
        return _activation;
    }

    public async Task<int> DeactivateAndHoldAsync(string gate)
    {
        DeactivateOnIdle();
        await _board.Gate(Key, gate).PassAsync();
        Journal.Add("request ends");
        return _activation;
    }

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task DelayDeactivationAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task StartTimerAsync(TimeSpan period, bool keepAlive)
    {
        this.RegisterGrainTimer(
            static () => Task.CompletedTask,
            new GrainTimerCreationOptions { DueTime = period, Period = period, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task<int> ActivationInterleavingAsync() => Task.FromResult(_activation);
}
