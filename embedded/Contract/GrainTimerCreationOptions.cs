namespace Orleans.Runtime;

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
