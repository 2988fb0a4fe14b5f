using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Storage;

/// <summary>
/// The one writer of a process. Whatever has been handed in while a commit was under way goes into the next transaction together, so that
/// durability costs a commit a batch and not a message. Full action: the caller waits.
/// </summary>
public sealed partial class BatchWriter : IAsyncDisposable
{
    /// <summary>Writes that may wait; the next caller is held until there is room.</summary>
    public const int QueueLengthMax = 65_536;

    /// <summary>Writes in one transaction: enough to hide the commit's cost, few enough to keep its time in milliseconds.</summary>
    public const int BatchLengthMax = 1_000;

    private readonly DbConnection _connection;
    private readonly ILogger _logger;
    private readonly StoreInstruments _instruments;
    private readonly PreparedCommands _commands;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<StoreWrite> _queue = Channel.CreateBounded<StoreWrite>(
        new BoundedChannelOptions(QueueLengthMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Starts writing on <paramref name="connection"/>, which it owns from here on.</summary>
    public BatchWriter(DbConnection connection, StoreInstruments instruments, ILogger logger)
    {
        _connection = connection;
        _logger = logger;
        _instruments = instruments;
        _commands = new PreparedCommands(connection);

        // Its own thread, because a commit blocks for as long as the disk takes.
        _thread = new Thread(Run) { IsBackground = true, Name = "store batch writer" };
        _thread.Start();
    }

    /// <summary>Hands in a write.</summary>
    /// <returns>Completes when it is durable; fails when it is not.</returns>
    public Task<TResult> WriteAsync<TResult>(Func<PreparedCommands, TResult> apply)
    {
        var write = new StoreWrite<TResult>(apply);
        return _queue.Writer.TryWrite(write) ? write.Task : WaitForRoomAsync(write);
    }

    /// <summary>Writes what has been handed in, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stopped.Task;
        _commands.Dispose();
        await _connection.DisposeAsync();
    }

    private async Task<TResult> WaitForRoomAsync<TResult>(StoreWrite<TResult> write)
    {
        await _queue.Writer.WriteAsync(write);
        return await write.Task;
    }

    private void Run()
    {
        var batch = new List<StoreWrite>(BatchLengthMax);
        while (WaitForWrites())
        {
            while (batch.Count < BatchLengthMax && _queue.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }

            Commit(batch);
            batch.Clear();
        }

        _stopped.SetResult();
    }

    private bool WaitForWrites() => _queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private void Commit(List<StoreWrite> batch)
    {
        if (TryCommit(batch) is not { } failure)
        {
            return;
        }

        if (batch.Count == 1)
        {
            batch[0].Fail(failure);
            return;
        }

        // One write of the batch is at fault: alone, each succeeds or fails for itself.
        LogBatchFailed(_logger, failure, batch.Count);
        foreach (var write in batch)
        {
            if (TryCommit([write]) is { } own)
            {
                write.Fail(own);
            }
        }
    }

    private Exception? TryCommit(List<StoreWrite> batch)
    {
        try
        {
            using var transaction = _connection.BeginTransaction();
            _commands.Transaction = transaction;
            foreach (var write in batch)
            {
                write.Apply(_commands);
            }

            transaction.Commit();
        }
        catch (Exception exception)
        {
            return exception;
        }

        _instruments.Committed(batch.Count);
        foreach (var write in batch)
        {
            write.Complete();
        }

        return null;
    }

    [LoggerMessage(2001, LogLevel.Warning, "A batch of {Count} writes failed and is tried write by write")]
    private static partial void LogBatchFailed(ILogger logger, Exception exception, int count);
}
