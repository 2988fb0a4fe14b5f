using System.Collections.Concurrent;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>Commits to nowhere, as a test says.</summary>
internal sealed class ScriptedCommitter : IBatchCommitter<ScriptedWrite>
{
    private readonly ConcurrentQueue<ScriptedWrite[]> _batches = new();

    /// <summary>What a batch comes to.</summary>
    public Func<ScriptedWrite[], Task> OnCommit { get; set; } = static _ => Task.CompletedTask;

    /// <summary>All batches that were tried.</summary>
    public ScriptedWrite[][] Batches => [.. _batches];

    public Task CommitAsync(ReadOnlyMemory<ScriptedWrite> batch, TimeSpan patience)
    {
        Assert.InRange(patience, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5));
        var writes = batch.ToArray();
        _batches.Enqueue(writes);
        return OnCommit(writes);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
