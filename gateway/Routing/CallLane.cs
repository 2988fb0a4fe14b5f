namespace IotPlatform.Routing;

/// <summary>
/// Items on their way to one callee: at most one call is under way, what comes meanwhile travels together in the next one, in its order. Full action: the item is
/// refused.
/// </summary>
/// <typeparam name="TItem">What is sent.</typeparam>
/// <param name="bytesOf">What an item holds while it waits, in bytes.</param>
/// <param name="sendAsync">Makes a call, and again until it is done with all of its items; never fails.</param>
/// <param name="waitingChanged">Told how the bytes that wait change.</param>
internal sealed class CallLane<TItem>(Func<TItem, long> bytesOf, Func<List<TItem>, Task> sendAsync, Action<long> waitingChanged)
{
    /// <summary>Bytes that may wait: enough for the wills of all clients, when all of them are lost at once.</summary>
    public const long WaitingBytesMax = 32 * 1024 * 1024;

    private const int BatchLengthMax = 1_000;
    private const long BatchBytesMax = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<TItem> _waiting = new();
    private long _waitingBytes;
    private bool _isBusy;

    /// <returns>False when there is no room.</returns>
    public bool TryAdd(TItem item)
    {
        var bytes = bytesOf(item);
        lock (_gate)
        {
            if (_waitingBytes + bytes > WaitingBytesMax)
            {
                return false;
            }

            _waiting.Enqueue(item);
            _waitingBytes += bytes;
            waitingChanged(bytes);
            if (_isBusy)
            {
                return true;
            }

            _isBusy = true;
        }

        _ = RunAsync();
        return true;
    }

    private async Task RunAsync()
    {
        // Not on the thread of whoever came first: it would send what others add meanwhile.
        await Task.Yield();
        var batch = new List<TItem>();
        while (Take(batch))
        {
            await sendAsync(batch).ConfigureAwait(false);
        }
    }

    private bool Take(List<TItem> batch)
    {
        batch.Clear();
        var bytes = 0L;
        lock (_gate)
        {
            while (batch.Count < BatchLengthMax && bytes < BatchBytesMax && _waiting.TryDequeue(out var next))
            {
                bytes += bytesOf(next);
                batch.Add(next);
            }

            _waitingBytes -= bytes;
            waitingChanged(-bytes);
            return _isBusy = batch.Count > 0;
        }
    }
}
