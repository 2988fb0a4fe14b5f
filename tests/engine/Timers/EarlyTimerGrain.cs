namespace IotPlatform.Engine.Tests;

/// <summary>Makes its timer while it is being activated, and waits at the gate before activation ends.</summary>
public sealed class EarlyTimerGrain(Board board) : Grain, IEarlyTimerGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var journal = board.Journal(key);
        this.RegisterGrainTimer(
            () =>
            {
                journal.Add("tick");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = TimerPlan.Soon, Interleave = true });
        journal.Add("timer made");
        await board.Gate(key).PassAsync();
        journal.Add("active");
    }

    public Task PassAsync() => Task.CompletedTask;
}
