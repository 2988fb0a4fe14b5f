using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>
/// Reads by key that travel together: what is asked for while queries are under way goes with the next one. One that comes alone does not wait. While
/// the server is away a read waits, and is tried again, for <see cref="StoreWait.Max"/> in all.
/// </summary>
/// <typeparam name="TKey">What is asked for.</typeparam>
/// <typeparam name="TResult">What is found.</typeparam>
internal sealed class CoalescingReader<TKey, TResult>
{
    /// <summary>Keys in one query: enough to hide the round trip, few enough to keep its time in milliseconds.</summary>
    public const int QueryLengthMax = 500;

    /// <summary>Reads that may wait; one more fails at once. More than the devices of a silo that could all ask in the same seconds.</summary>
    public const int WaitingMax = 500_000;

    /// <summary>While one query is at the server, the next one is made or read.</summary>
    private const int QueriesAtOnceMax = 2;

    private readonly PostgresDatabase _database;
    private readonly Func<NpgsqlConnection, TKey[], Task<TResult[]>> _query;
    private readonly Lock _gate = new();
    private readonly Queue<Request> _waiting = new();
    private int _runs;

    /// <summary>Reads from <paramref name="database"/>.</summary>
    /// <param name="database">The database.</param>
    /// <param name="kind">What it reads, for the metric.</param>
    /// <param name="query">Reads what is found for each key, in the order of the keys.</param>
    public CoalescingReader(PostgresDatabase database, string kind, Func<NpgsqlConnection, TKey[], Task<TResult[]>> query)
    {
        _database = database;
        _query = query;
        database.Instruments.WatchReads(kind, () => Waiting);
    }

    /// <summary>Reads that wait for a query.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <exception cref="StoreUnavailableException">The server did not answer in time, or too many reads wait.</exception>
    public Task<TResult> ReadAsync(TKey key)
    {
        var request = new Request(key, _database.Time.GetTimestamp());
        lock (_gate)
        {
            if (_waiting.Count >= WaitingMax)
            {
                _database.Instruments.Failed(1);
                return Task.FromException<TResult>(new StoreUnavailableException("Too many reads wait for the store."));
            }

            _waiting.Enqueue(request);
            if (_runs == QueriesAtOnceMax)
            {
                return request.Task;
            }

            _runs++;
        }

        // Not on the caller's turn, and with nothing of his.
        ThreadPool.UnsafeQueueUserWorkItem(static reader => _ = reader.RunAsync(), this, preferLocal: false);
        return request.Task;
    }

    private async Task RunAsync()
    {
        var requests = new List<Request>();
        while (TryTake(requests))
        {
            await AnswerAsync(requests);
            requests.Clear();
        }
    }

    private bool TryTake(List<Request> requests)
    {
        lock (_gate)
        {
            while (requests.Count < QueryLengthMax && _waiting.TryDequeue(out var request))
            {
                requests.Add(request);
            }

            if (requests.Count == 0)
            {
                _runs--;
            }

            return requests.Count > 0;
        }
    }

    private async Task AnswerAsync(List<Request> requests)
    {
        for (var failures = 0; ; failures++)
        {
            if (failures > 0)
            {
                await Task.Delay(StoreWait.DelayAfter(failures), _database.Time);
            }

            FailOverdue(requests);
            if (requests.Count == 0)
            {
                return;
            }

            try
            {
                var keys = requests.ConvertAll(static request => request.Key).ToArray();
                var results = await _database.ReadOnceAsync(connection => _query(connection, keys), StoreWait.AttemptEndsAfter - AgeOf(requests[0]));
                for (var i = 0; i < results.Length; i++)
                {
                    requests[i].TrySetResult(results[i]);
                }

                return;
            }
            catch (StoreUnavailableException)
            {
                FailOverdue(requests);
            }
            catch (Exception exception)
            {
                requests.ForEach(request => request.TrySetException(exception));
                return;
            }
        }
    }

    // They are in the order of their times: those that are overdue are at the front.
    private void FailOverdue(List<Request> requests)
    {
        var count = requests.FindIndex(request => AgeOf(request) < StoreWait.LastAttemptAfter);
        count = count < 0 ? requests.Count : count;
        for (var i = 0; i < count; i++)
        {
            requests[i].TrySetException(new StoreUnavailableException("The store did not answer in time."));
        }

        requests.RemoveRange(0, count);
        _database.Instruments.Failed(count);
    }

    private TimeSpan AgeOf(Request request) => _database.Time.GetElapsedTime(request.AskedAt);

    private sealed class Request(TKey key, long askedAt) : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TKey Key { get; } = key;

        public long AskedAt { get; } = askedAt;
    }
}
