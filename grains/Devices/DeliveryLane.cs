using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>
/// The way from the device grains of this process to one gateway shard. One call is under way at a time; what comes meanwhile travels together in the next one: alone, a delivery
/// is not held up; in a crowd it costs a part of a call. Bounded by the shard's devices, each of which has one delivery under way.
/// </summary>
/// <param name="shard">The shard.</param>
/// <param name="waitingChanged">Told how the number of those that wait changes.</param>
internal sealed class DeliveryLane(IGatewayObserver shard, Action<int> waitingChanged)
{
    /// <summary>Requests in one call.</summary>
    public const int BatchLengthMax = 512;

    /// <summary>Bytes of payloads, and characters of topics and ids, in one call, unless a single request has more.</summary>
    public const int BatchBytesMax = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<Passenger> _waiting = new();
    private bool _isBusy;
    private bool _isClosed;

    /// <summary>Delivers, unless the lane is closed.</summary>
    /// <returns>The gateway's answer; null when the lane is closed.</returns>
    public Task<DeliverReply>? TryDeliver(DeliverRequest request)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return null;
            }

            if (_isBusy)
            {
                var passenger = new Passenger(request);
                _waiting.Enqueue(passenger);
                waitingChanged(1);
                return passenger.Task;
            }

            _isBusy = true;
        }

        return DeliverAloneAsync(request);
    }

    /// <summary>Closes the lane, if nothing is under way.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            return _isClosed |= !_isBusy;
        }
    }

    private async Task<DeliverReply> DeliverAloneAsync(DeliverRequest request)
    {
        try
        {
            var reply = await shard.DeliverAsync(request).ConfigureAwait(false);
            GoOn();
            return reply;
        }
        catch (Exception exception)
        {
            Fail(exception);
            GoOn();
            throw;
        }
    }

    // Who has had his answer does not wait for what others have for the shard.
    private void GoOn()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _isBusy = false;
                return;
            }
        }

        // With nothing of his: what follows is for others.
        ThreadPool.UnsafeQueueUserWorkItem(static lane => _ = lane.RunAsync(), this, preferLocal: false);
    }

    private async Task RunAsync()
    {
        var batch = new List<Passenger>();
        while (Take(batch))
        {
            try
            {
                await DeliverAsync(batch).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                batch.ForEach(passenger => passenger.TrySetException(exception));
                Fail(exception);
            }
        }
    }

    private async Task DeliverAsync(List<Passenger> batch)
    {
        if (batch.Count == 1)
        {
            batch[0].SetResult(await shard.DeliverAsync(batch[0].Request).ConfigureAwait(false));
            return;
        }

        var answer = await shard.DeliverAllAsync(new DeliverBatch([.. batch.Select(static passenger => passenger.Request)])).ConfigureAwait(false);
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].SetResult(answer.Replies[i]);
        }
    }

    /// <summary>Takes those that go together now. Where nobody waits, nothing is under way any more.</summary>
    private bool Take(List<Passenger> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            for (var bytes = 0L; batch.Count < BatchLengthMax && _waiting.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Bytes <= BatchBytesMax);)
            {
                bytes += next.Bytes;
                batch.Add(_waiting.Dequeue());
            }

            if (batch.Count == 0)
            {
                return _isBusy = false;
            }

            waitingChanged(-batch.Count);
            return true;
        }
    }

    // A gateway that did not answer one call in time is not asked for all others in turn: their devices may be connected elsewhere by then.
    private void Fail(Exception exception)
    {
        Passenger[] failed;
        lock (_gate)
        {
            failed = [.. _waiting];
            _waiting.Clear();
            waitingChanged(-failed.Length);
        }

        foreach (var passenger in failed)
        {
            passenger.SetException(new NotTriedException(exception));
        }
    }

    private sealed class Passenger(DeliverRequest request) : TaskCompletionSource<DeliverReply>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public DeliverRequest Request => request;

        public long Bytes { get; } = request.Deliveries.Sum(static delivery => (long)delivery.Payload.Length + delivery.Topic.Length + delivery.MessageId.Length);
    }
}
