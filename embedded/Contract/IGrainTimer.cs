namespace Orleans.Runtime;

/// <summary>A grain's timer.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Changes when it fires. Called within its own callback, it takes effect at the callback's end.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}
