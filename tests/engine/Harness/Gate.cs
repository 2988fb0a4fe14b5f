namespace IotPlatform.Engine.Tests;

/// <summary>A place where a call says that it arrived and waits to be let through.</summary>
public sealed class Gate(string key, string name)
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether anybody has arrived.</summary>
    public bool IsReached => _arrived.Task.IsCompleted;

    /// <summary>Arrives and waits until the gate is open.</summary>
    public Task PassAsync()
    {
        _arrived.TrySetResult();
        return _open.Task;
    }

    /// <summary>The same, holding the thread.</summary>
    public bool Pass()
    {
        _arrived.TrySetResult();
        return _open.Task.Wait(Deadline.Length);
    }

    public void Open() => _open.TrySetResult();

    public Task ReachedAsync() => _arrived.Task.InTimeAsync($"somebody to reach gate '{name}' of '{key}'");
}
