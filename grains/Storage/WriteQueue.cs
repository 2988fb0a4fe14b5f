namespace IotPlatform.Storage;

/// <summary>
/// Writes that wait for a batch, bounded in count and in bytes. What finds no room waits outside, and comes in in its turn.
/// </summary>
/// <typeparam name="TWrite">The writes.</typeparam>
/// <param name="lengthMax">How many writes.</param>
/// <param name="bytesMax">How much they may weigh together. A heavier single one comes in when the queue is empty.</param>
internal sealed class WriteQueue<TWrite>(int lengthMax, long bytesMax)
    where TWrite : StoreWrite
{
    private readonly Lock _gate = new();
    private readonly Queue<TWrite> _queue = new();

    // Owned by their callers, who wait: as many as there are callers.
    private readonly Queue<TWrite> _outside = new();
    private long _bytes;
    private bool _isCompleted;
    private TaskCompletionSource<bool>? _taker;

    /// <summary>Writes inside.</summary>
    public int Length
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Bytes inside.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <returns>False when the queue takes no more writes.</returns>
    public bool TryAdd(TWrite write)
    {
        TaskCompletionSource<bool>? taker;
        lock (_gate)
        {
            if (_isCompleted)
            {
                return false;
            }

            if (_outside.Count > 0 || !HasRoomFor(write))
            {
                // The taker is at work: the queue is not empty.
                _outside.Enqueue(write);
                return true;
            }

            Admit(write);
            taker = TakeTaker();
        }

        taker?.TrySetResult(true);
        return true;
    }

    /// <summary>Waits for a write. For one taker.</summary>
    /// <returns>False when there will be none.</returns>
    public Task<bool> WaitAsync()
    {
        lock (_gate)
        {
            if (_queue.Count > 0 || _isCompleted)
            {
                return Task.FromResult(_queue.Count > 0);
            }

            // Callers that add a write do not run the taker's work.
            _taker = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _taker.Task;
        }
    }

    /// <summary>Takes the oldest writes: as many as there is place for and as weigh no more than <paramref name="batchBytesMax"/>, but at least one.</summary>
    /// <returns>How many.</returns>
    public int Take(Span<TWrite> batch, long batchBytesMax)
    {
        lock (_gate)
        {
            var count = 0;
            var bytes = 0L;
            while (count < batch.Length && _queue.TryPeek(out var write) && (count == 0 || bytes + write.Weight <= batchBytesMax))
            {
                bytes += write.Weight;
                batch[count++] = _queue.Dequeue();
            }

            _bytes -= bytes;
            while (_outside.TryPeek(out var write) && HasRoomFor(write))
            {
                Admit(_outside.Dequeue());
            }

            return count;
        }
    }

    /// <summary>Takes no more writes; those that are there can still be taken.</summary>
    public void Complete()
    {
        TaskCompletionSource<bool>? taker;
        lock (_gate)
        {
            _isCompleted = true;
            taker = TakeTaker();
        }

        taker?.TrySetResult(false);
    }

    private bool HasRoomFor(TWrite write) => _queue.Count == 0 || (_queue.Count < lengthMax && _bytes + write.Weight <= bytesMax);

    private void Admit(TWrite write)
    {
        _queue.Enqueue(write);
        _bytes += write.Weight;
    }

    private TaskCompletionSource<bool>? TakeTaker()
    {
        var taker = _taker;
        _taker = null;
        return taker;
    }
}
