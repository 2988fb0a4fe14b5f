
namespace IotPlatform.Storage;

/// <summary>One write that waits for its batch. Its task completes once the batch is durable.</summary>
public abstract class StoreWrite
{
    /// <summary>Writes within the batch's transaction. Throws when it must not be part of it; then it is tried once more by itself.</summary>
    public abstract void Apply(PreparedCommands commands);

    /// <summary>The batch is durable.</summary>
    public abstract void Complete();

    /// <summary>Nothing was written.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>A write with a result.</summary>
/// <param name="apply">Writes, and says what came of it.</param>
public sealed class StoreWrite<TResult>(Func<PreparedCommands, TResult> apply) : StoreWrite
{
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TResult _result = default!;

    /// <summary>Completes when the write is durable.</summary>
    public Task<TResult> Task => _completion.Task;

    /// <inheritdoc/>
    public override void Apply(PreparedCommands commands) => _result = apply(commands);

    /// <inheritdoc/>
    public override void Complete() => _completion.TrySetResult(_result);

    /// <inheritdoc/>
    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}
