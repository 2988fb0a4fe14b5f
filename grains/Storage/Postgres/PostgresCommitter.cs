using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>
/// Writes batches on one connection, and opens another when it is lost. When it is lost while a batch was being committed, nobody can
/// say what became of the batch, until the next session has read in the writer's row whether it is durable.
/// </summary>
internal sealed class PostgresCommitter(NpgsqlDataSource dataSource, TimeProvider time) : IBatchCommitter<PostgresWrite>
{
    /// <summary>Races with other silos that one batch may lose; who loses more has other trouble.</summary>
    private const int RacesMax = 5;

    private readonly Guid _writerId = Guid.NewGuid();
    private WriterSession? _session;
    private PostgresBatch? _inDoubt;
    private long _lastSession;
    private long _lastBatch;

    /// <inheritdoc/>
    public async Task CommitAsync(ReadOnlyMemory<PostgresWrite> batch, TimeSpan patience)
    {
        var since = time.GetTimestamp();
        var races = 0;
        while (true)
        {
            try
            {
                await TryCommitAsync(batch, patience - time.GetElapsedTime(since));
                return;
            }
            catch (PostgresException exception) when (PostgresErrors.IsLostRace(exception) && ++races <= RacesMax)
            {
                // Nothing is written. Against what the others have done meanwhile, it goes through.
            }
            catch (Exception exception)
            {
                throw PostgresErrors.Translate(exception);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }

    private async Task TryCommitAsync(ReadOnlyMemory<PostgresWrite> batch, TimeSpan patience)
    {
        var since = time.GetTimestamp();
        _session ??= await OpenSessionAsync(NotOver(patience));
        if (!IsDurable(batch.Span[0], _session.LastBatch))
        {
            await WriteAsync(_session, Statements(batch.Span), NotOver(patience - time.GetElapsedTime(since)));
        }

        _inDoubt!.Publish();
        _inDoubt = null;
    }

    private static TimeSpan NotOver(TimeSpan patience) => patience > TimeSpan.Zero ? patience : throw new TimeoutException();

    private async Task<WriterSession> OpenSessionAsync(TimeSpan patience)
    {
        var opening = WriterSession.OpenAsync(dataSource, _writerId, ++_lastSession);
        try
        {
            return await opening.WaitAsync(patience, time);
        }
        catch (TimeoutException)
        {
            // Whenever it opens after all.
            _ = DisposeLateAsync(opening);
            throw;
        }
    }

    private bool IsDurable(PostgresWrite write, long lastBatch) => _inDoubt?.Number == lastBatch && write.WrittenIn == lastBatch;

    private PostgresBatch Statements(ReadOnlySpan<PostgresWrite> writes)
    {
        var batch = new PostgresBatch(++_lastBatch);
        foreach (var write in writes)
        {
            write.AddTo(batch);
            write.WrittenIn = batch.Number;
        }

        return batch;
    }

    private async Task WriteAsync(WriterSession session, PostgresBatch batch, TimeSpan patience)
    {
        _inDoubt = batch;
        var writing = session.CommitAsync(batch, time.GetUtcNow());
        try
        {
            // Breaking a statement off needs an answer of the server, which may be what is missing. So it is left to itself.
            await writing.WaitAsync(patience, time);
        }
        catch
        {
            if (!writing.IsCompleted || !session.IsOpen)
            {
                _session = null;
                _ = DisposeLateAsync(session, writing);
            }

            throw;
        }
    }

    private static async Task DisposeLateAsync(Task<WriterSession> opening)
    {
        try
        {
            await using var session = await opening;
        }
        catch (Exception exception) when (PostgresErrors.Translate(exception) is StoreUnavailableException or InvalidOperationException)
        {
            // It has been told: nobody waits for this connection any more.
        }
    }

    private static async Task DisposeLateAsync(WriterSession session, Task writing)
    {
        try
        {
            await writing;
        }
        catch (Exception exception) when (PostgresErrors.Translate(exception) is StoreUnavailableException or InvalidOperationException)
        {
            // As above.
        }
        finally
        {
            await session.DisposeAsync();
        }
    }
}
