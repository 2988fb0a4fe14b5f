namespace IotPlatform.Engine.Tests;

/// <summary>Bounds every wait of a test, far above what it takes on a busy machine.</summary>
internal static class Deadline
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(40);

    public static async Task InTimeAsync(this Task task, string awaited)
    {
        await Task.WhenAny(task, Task.Delay(Length));
        Assert.True(task.IsCompleted, $"Waited {Length.TotalSeconds} s for {awaited}.");
        await task;
    }

    public static async Task<T> InTimeAsync<T>(this Task<T> task, string awaited)
    {
        await InTimeAsync((Task)task, awaited);
        return await task;
    }
}
