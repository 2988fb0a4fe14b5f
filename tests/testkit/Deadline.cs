using System.Diagnostics;

namespace IotPlatform.Testkit;

/// <summary>Waits that end: each names what it waited for when its time is up.</summary>
public static class Deadline
{
    /// <summary>Long for anything that takes milliseconds on an idle machine, so that a busy one does not fail a test.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for a task.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static async Task<T> WithinAsync<T>(Task<T> task, string awaited, TimeSpan? patience = null)
    {
        await WithinAsync((Task)task, awaited, patience);
        return await task;
    }

    /// <inheritdoc cref="WithinAsync{T}"/>
    public static async Task WithinAsync(Task task, string awaited, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        if (await Task.WhenAny(task, Task.Delay(limit)) != task)
        {
            throw new TimeoutException($"Not within {limit.TotalSeconds} s: {awaited}.");
        }

        await task;
    }

    /// <summary>Looks again and again until what it sees is right.</summary>
    /// <returns>What was right.</returns>
    /// <exception cref="TimeoutException">It was not right in time; says what was seen last.</exception>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Predicate<T> isRight, string awaited, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (isRight(seen))
            {
                return seen;
            }

            if (clock.Elapsed > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds} s: {awaited}. Last seen: {seen}");
            }

            await Task.Delay(PollInterval);
        }
    }
}
