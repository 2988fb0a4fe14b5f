namespace IotPlatform.Testkit;

/// <summary>A timer of a <see cref="FakeTimeProvider"/>, whose lock guards its fields.</summary>
internal sealed class FakeTimer(FakeTimeProvider clock, TimerCallback callback, object? state, long number) : ITimer
{
    public long Number => number;

    public DateTimeOffset Due { get; set; }

    public TimeSpan Period { get; set; }

    public bool IsDisposed { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Arm(this, dueTime, period);

    public void Fire() => callback(state);

    public void Dispose() => clock.Disarm(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
