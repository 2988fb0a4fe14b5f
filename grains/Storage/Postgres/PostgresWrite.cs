namespace IotPlatform.Storage.Postgres;

/// <summary>A write to PostgreSQL.</summary>
/// <param name="weight">The memory that it holds while it waits, in bytes, roughly.</param>
internal abstract class PostgresWrite(long weight) : StoreWrite(weight)
{
    /// <summary>The number of the batch that it was last written in; 0 for none.</summary>
    public long WrittenIn { get; set; }

    /// <summary>Takes its place in a batch.</summary>
    public abstract void AddTo(PostgresBatch batch);
}

/// <summary>A write with a result.</summary>
internal abstract class PostgresWrite<TResult>(long weight) : PostgresWrite(weight)
{
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What came of it; counts once the batch is durable.</summary>
    public TResult Result { get; set; } = default!;

    /// <summary>Completes when the write is durable.</summary>
    public Task<TResult> Task => _completion.Task;

    /// <inheritdoc/>
    public override void Complete() => _completion.TrySetResult(Result);

    /// <inheritdoc/>
    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}
