namespace IotPlatform.Engine.Tests;

/// <summary>What happened, in the order in which it did.</summary>
public sealed class Journal(string key)
{
    private readonly Lock _lock = new();
    private readonly List<string> _entries = [];
    private readonly List<(string Entry, int Times, TaskCompletionSource Reached)> _waiting = [];

    public IReadOnlyList<string> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    public void Add(string entry)
    {
        lock (_lock)
        {
            _entries.Add(entry);
            var times = CountLocked(entry);
            foreach (var waiter in _waiting)
            {
                if (waiter.Entry == entry && times >= waiter.Times)
                {
                    waiter.Reached.TrySetResult();
                }
            }
        }
    }

    public int Count(string entry)
    {
        lock (_lock)
        {
            return CountLocked(entry);
        }
    }

    /// <summary>Waits until the entry has been made so many times.</summary>
    public Task ReachesAsync(string entry, int times = 1)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (CountLocked(entry) >= times)
            {
                return Task.CompletedTask;
            }

            _waiting.Add((entry, times, reached));
        }

        return reached.Task.InTimeAsync($"'{entry}' to be in the journal of '{key}' {times} time(s)");
    }

    private int CountLocked(string entry) => _entries.Count(made => made == entry);
}
