namespace Orleans.Runtime;

/// <summary>An activation: one object of a grain class in memory, with its turns.</summary>
public interface IGrainContext
{
    /// <summary>The grain; null before its constructor has run.</summary>
    object? GrainInstance { get; }

    /// <summary>Completes when the activation is gone.</summary>
    Task Deactivated { get; }
}

/// <summary>A grain's timer.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Changes when it fires. Called within its own callback, it takes effect at the callback's end.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>How a grain timer fires.</summary>
public readonly struct GrainTimerCreationOptions()
{
    /// <summary>Time to the first tick; infinite for none.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time from the end of one tick to the next; infinite for a single tick.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Ticks may start while a request is waiting for something, instead of queueing behind it.</summary>
    public bool Interleave { get; init; }

    /// <summary>Ticks count as use, so that the activation is not collected.</summary>
    public bool KeepAlive { get; init; }
}
