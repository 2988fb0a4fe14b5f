namespace IotPlatform.StatusEvents;

/// <summary>Events that are pushed one after the other: all those of a message are in one lane.</summary>
internal sealed class PushLane
{
    public Queue<PushedEvent> Waiting { get; } = new();

    /// <summary>How often its first event has failed.</summary>
    public int Failures { get; private set; }

    /// <summary>When its first event failed first; null: it has not.</summary>
    public DateTimeOffset? FailingSince { get; private set; }

    /// <summary>Complete when nothing waits.</summary>
    public Task Running { get; set; } = Task.CompletedTask;

    public void Failed(DateTimeOffset now)
    {
        Failures++;
        FailingSince ??= now;
    }

    public void Taken()
    {
        Waiting.Dequeue();
        Failures = 0;
        FailingSince = null;
    }
}
