namespace IotPlatform.Engine.Tests;

public sealed class TurnGrain(Board board) : Grain, ITurnGrain
{
    private int _count;

    private string Key => this.GetPrimaryKeyString();

    public async Task IncrementAsync()
    {
        var count = _count;
        await Task.Yield();
        _count = count + 1;
    }

    public Task<int> CountAsync() => Task.FromResult(_count);

    public async Task TakeTurnsAsync(int turns)
    {
        var meter = board.Meter(Key);
        for (var turn = 0; turn < turns; turn++)
        {
            meter.Visit();
            await Task.Run(static () => { });
        }
    }

    public Task StartTimerAsync()
    {
        var meter = board.Meter(Key);
        this.RegisterGrainTimer(
            async () =>
            {
                meter.Visit();
                await Task.Yield();
                meter.Visit();
                board.Journal(Key).Add("tick");
            },
            new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = TimeSpan.FromMilliseconds(1), Interleave = true });
        return Task.CompletedTask;
    }

    public async Task HoldThreadAsync(TurnPlace place)
    {
        switch (place)
        {
            case TurnPlace.AfterAwait:
                await Task.Delay(1);
                HoldThread();
                break;
            case TurnPlace.AfterConfigureAwaitFalse:
#pragma warning disable ORLEANS0014 // What grain code must not do is what this place is for.
                await Task.Delay(1).ConfigureAwait(false);
#pragma warning restore ORLEANS0014
                HoldThread();
                break;
            case TurnPlace.InTaskRun:
                await Task.Run(HoldThread);
                break;
        }
    }

    public Task PassAsync()
    {
        board.Journal(Key).Add("passed");
        return Task.CompletedTask;
    }

    private void HoldThread()
    {
        board.Gate(Key).Pass();
        board.Journal(Key).Add("held");
    }
}
