namespace Orleans.Runtime;

/// <summary>An activation: one object of a grain class in memory, with its turns.</summary>
public interface IGrainContext
{
    /// <summary>The grain; null before its constructor has run.</summary>
    object? GrainInstance { get; }

    /// <summary>Completes when the activation is gone.</summary>
    Task Deactivated { get; }
}
