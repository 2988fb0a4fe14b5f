namespace IotPlatform.Engine.Tests;

public sealed class ClockGrain : Grain, IClockGrain
{
    public async Task TickAsync(int ticks, TimeSpan period)
    {
        var passed = new TaskCompletionSource();
        var left = ticks;
        using var timer = this.RegisterGrainTimer(
            () =>
            {
                if (--left == 0)
                {
                    passed.SetResult();
                }

                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = period, Period = period, Interleave = true });
        await passed.Task;
    }
}
