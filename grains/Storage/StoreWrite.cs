namespace IotPlatform.Storage;

/// <summary>One write that waits for its batch. Its owner's task completes once the batch is durable.</summary>
/// <param name="weight">The memory that it holds while it waits, in bytes, roughly.</param>
public abstract class StoreWrite(long weight)
{
    /// <summary>What it takes of the queue's room, in bytes.</summary>
    public long Weight { get; } = weight;

    /// <summary>When it was handed in, by the writer's clock.</summary>
    internal long HandedInAt { get; set; }

    /// <summary>The batch is durable.</summary>
    public abstract void Complete();

    /// <summary>It was not written, or nobody can say whether it was.</summary>
    public abstract void Fail(Exception exception);
}
