using Microsoft.Data.Sqlite;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Writes batches on one connection, which it owns, and on a thread of its own: a commit blocks for as long as the disk takes.</summary>
public sealed class SqliteCommitter : IBatchCommitter<SqliteWrite>
{
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly PreparedCommands _commands;
    private readonly SemaphoreSlim _work = new(0);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadOnlyMemory<SqliteWrite> _batch;
    private TaskCompletionSource? _done;

    /// <summary>Writes on <paramref name="connection"/>, which it owns from here on.</summary>
    public SqliteCommitter(SqliteConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _commands = new PreparedCommands(connection);
        new Thread(Run) { IsBackground = true, Name = "store writer" }.Start();
    }

    /// <inheritdoc/>
    /// <remarks>A commit can not be broken off: it takes the time that SQLite takes, which waits for a lock as long as the connection's timeout says.</remarks>
    public Task CommitAsync(ReadOnlyMemory<SqliteWrite> batch, TimeSpan patience)
    {
        // Its waiter, the batch writer, goes on on this thread and hands in the next batch: where the thread pool has much to do, that would else wait behind all of it.
        var done = _done = new TaskCompletionSource();
        _batch = batch;
        _work.Release();
        return done.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _done = null;
        _work.Release();
        await _stopped.Task;
        _commands.Dispose();
        await _connection.DisposeAsync();
        _work.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _work.Wait();
            if (_done is not { } done)
            {
                break;
            }

            try
            {
                Commit(_batch.Span);
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(SqliteErrors.Translate(exception));
            }
        }

        _stopped.SetResult();
    }

    private void Commit(ReadOnlySpan<SqliteWrite> batch)
    {
        using var transaction = _connection.BeginTransaction();
        _commands.Transaction = transaction;

        // What a batch has left behind that was not committed.
        _commands.StatusEvents.Clear();
        foreach (var write in batch)
        {
            write.Apply(_commands);
        }

        SqliteStatusEventStore.Append(_commands, _time.GetUtcNow());
        transaction.Commit();
    }
}
