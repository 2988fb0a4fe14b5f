using System.Runtime.CompilerServices;

namespace IotPlatform.Unit.Tests.Time;

/// <summary>Bounds every wait for other threads, far above what it takes on a busy machine.</summary>
internal static class Patience
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(20);

    public static async Task InTimeAsync(this Task task, [CallerArgumentExpression(nameof(task))] string awaited = "")
    {
        await Task.WhenAny(task, Task.Delay(Length));
        Assert.True(task.IsCompleted, $"Waited {Length.TotalSeconds} s for {awaited}.");
        await task;
    }

    public static async Task<T> InTimeAsync<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string awaited = "")
    {
        await InTimeAsync((Task)task, awaited);
        return await task;
    }

    /// <summary>For what happens on another thread and has no event of its own.</summary>
    public static async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string awaited = "")
    {
        var end = Environment.TickCount64 + (long)Length.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, $"Waited {Length.TotalSeconds} s for {awaited}.");
            await Task.Yield();
        }
    }

    /// <summary>For what has to be asked for.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string awaited = "")
    {
        var end = Environment.TickCount64 + (long)Length.TotalMilliseconds;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < end, $"Waited {Length.TotalSeconds} s for {awaited}.");
            await Task.Yield();
        }
    }

    /// <summary>
    /// Moves a clock until something has come about that waits for it. A step every few milliseconds: what else is under way has its time on the same clock,
    /// and a machine that is busy with other things must not make it run out.
    /// </summary>
    public static async Task AdvanceUntilAsync(this ManualTime time, TimeSpan step, Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string awaited = "")
    {
        var end = Environment.TickCount64 + (long)Length.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, $"Waited {Length.TotalSeconds} s for {awaited}.");
            time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }
}
