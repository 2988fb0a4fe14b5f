namespace IotPlatform.Storage.Sqlite;

/// <summary>A write to SQLite.</summary>
/// <param name="weight">The memory that it holds while it waits, in bytes, roughly.</param>
public abstract class SqliteWrite(long weight) : StoreWrite(weight)
{
    /// <summary>Writes within the batch's transaction. Throws when it must not be part of it; then it is tried once more without some of the others.</summary>
    public abstract void Apply(PreparedCommands commands);
}

/// <summary>A write with a result.</summary>
/// <param name="weight">The memory that it holds while it waits, in bytes, roughly.</param>
/// <param name="apply">Writes, and says what came of it.</param>
public sealed class SqliteWrite<TResult>(long weight, Func<PreparedCommands, TResult> apply) : SqliteWrite(weight)
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
