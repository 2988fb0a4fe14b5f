using IotPlatform.Diagnostics;

namespace IotPlatform.Delivery;

/// <summary>
/// What a shard has to write, in turns: of one product one after the other, in the order in which it came, and of different products a part each by turns, so that
/// none waits for all that another has. Every part is a work item of its own: between two of them the thread pool does what else there is to do.
/// Bounded by what the roots of the products send before they have had an answer.
/// </summary>
internal sealed class BroadcastTurns(GatewayInstruments instruments) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<IBroadcastWork>> _byProduct = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private bool _isRunning;

    /// <summary>Something more is to be done for a product.</summary>
    public void Add(string productKey, IBroadcastWork work)
    {
        lock (_gate)
        {
            if (!_byProduct.TryGetValue(productKey, out var ofProduct))
            {
                _byProduct.Add(productKey, ofProduct = new Queue<IBroadcastWork>());
                _turns.Enqueue(productKey);
                instruments.BroadcastProducts(1);
            }

            ofProduct.Enqueue(work);
            instruments.BroadcastQueue(1);
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        string productKey;
        IBroadcastWork work;
        lock (_gate)
        {
            productKey = _turns.Dequeue();
            work = _byProduct[productKey].Peek();
        }

        if (End(productKey, IsDone(work)))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private static bool IsDone(IBroadcastWork work)
    {
        try
        {
            return work.DoPart();
        }
        catch (Exception exception)
        {
            work.Fail(exception);
            return true;
        }
    }

    /// <returns>Whether there is something left to do.</returns>
    private bool End(string productKey, bool isDone)
    {
        lock (_gate)
        {
            var ofProduct = _byProduct[productKey];
            if (isDone)
            {
                ofProduct.Dequeue();
                instruments.BroadcastQueue(-1);
            }

            if (ofProduct.Count > 0)
            {
                _turns.Enqueue(productKey);
            }
            else
            {
                _byProduct.Remove(productKey);
                instruments.BroadcastProducts(-1);
            }

            return _isRunning = _turns.Count > 0;
        }
    }
}
