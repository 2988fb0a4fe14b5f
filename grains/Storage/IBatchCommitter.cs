namespace IotPlatform.Storage;

/// <summary>How a dialect makes writes durable. Called by one <see cref="BatchWriter{TWrite}"/>, one call at a time.</summary>
/// <typeparam name="TWrite">The dialect's writes.</typeparam>
public interface IBatchCommitter<TWrite> : IAsyncDisposable
    where TWrite : StoreWrite
{
    /// <summary>Makes all of a batch durable, as if written one after the other, or nothing of it.</summary>
    /// <param name="batch">
    /// The writes. After a failure the next call may bring the same ones again, all or without some from the front. Not to be kept after the call.
    /// </param>
    /// <param name="patience">How long to try.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer in time, or can not write now; nobody knows whether the batch is durable.</exception>
    /// <exception cref="Exception">Anything else: a write of the batch is at fault, and nothing is written.</exception>
    Task CommitAsync(ReadOnlyMemory<TWrite> batch, TimeSpan patience);
}
