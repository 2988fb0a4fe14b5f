namespace IotPlatform.Engine.Tests;

/// <summary>A place where a call says that it arrived and waits to be let through.</summary>
public sealed class Gate(string key, string name)
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _isTaken;

    /// <summary>Arrives and waits until the gate is open.</summary>
    public Task PassAsync()
    {
        _arrived.TrySetResult();
        return _open.Task;
    }

    /// <summary>The same, holding the thread.</summary>
    public void Pass()
    {
        _arrived.TrySetResult();
        Assert.True(_open.Task.Wait(Deadline.Length), $"Gate '{name}' of '{key}' was not opened.");
    }

    /// <summary>Whether the gate is open, to the first who asks.</summary>
    public bool TryTake() => _open.Task.IsCompleted && Interlocked.Exchange(ref _isTaken, true) is false;

    public void Open() => _open.TrySetResult();

    public Task ReachedAsync() => _arrived.Task.InTimeAsync($"somebody to reach gate '{name}' of '{key}'");
}
