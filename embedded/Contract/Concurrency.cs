namespace Orleans.Concurrency;

/// <summary>Requests of this grain class may interleave at every await.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>The method may start while any other request of the grain is waiting for something.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>The method changes nothing: it may interleave with other methods that change nothing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>The class keeps no state between calls: several activations of one key may run at once.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatelessWorkerAttribute : Attribute
{
    /// <summary>As many workers a key as the machine has processors.</summary>
    public StatelessWorkerAttribute() => MaxLocalWorkers = Environment.ProcessorCount;

    /// <summary>At most <paramref name="maxLocalWorkers"/> workers a key.</summary>
    public StatelessWorkerAttribute(int maxLocalWorkers) => MaxLocalWorkers = maxLocalWorkers;

    /// <summary>Workers a key.</summary>
    public int MaxLocalWorkers { get; }
}
