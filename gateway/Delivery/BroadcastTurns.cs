using IotPlatform.Diagnostics;

namespace IotPlatform.Delivery;

/// <summary>
/// What this gateway has to write, in turns: of one shard and product one after the other, in the order in which it came, and of different ones a part each by
/// turns, so that none waits for all that another has. Every part is a work item of its own: between two of them the thread pool does what else there is to do.
/// Bounded by what the roots of the products send before they have had an answer.
/// </summary>
/// <param name="writersMax">
/// Parts that are written at the same time. Fewer than there are cores: whoever calls meanwhile is answered, and what comes of that travels together in fewer sends.
/// </param>
/// <param name="instruments">Counts what waits.</param>
internal sealed class BroadcastTurns(int writersMax, GatewayInstruments instruments) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(object Shard, string ProductKey), Queue<IBroadcastWork>> _lines = [];
    private readonly Queue<(object Shard, string ProductKey)> _turns = new();
    private int _writers;

    /// <summary>For this machine.</summary>
    public BroadcastTurns(GatewayInstruments instruments)
        : this(Math.Max(1, Environment.ProcessorCount - 1), instruments)
    {
    }

    /// <summary>Parts that are written at the same time.</summary>
    public int WritersMax => writersMax;

    /// <summary>Something more is to be done for a product, in one shard.</summary>
    public void Add(object shard, string productKey, IBroadcastWork work)
    {
        lock (_gate)
        {
            var line = (shard, productKey);
            if (!_lines.TryGetValue(line, out var waiting))
            {
                _lines.Add(line, waiting = new Queue<IBroadcastWork>());
                _turns.Enqueue(line);
                instruments.BroadcastProducts(1);
            }

            waiting.Enqueue(work);
            instruments.BroadcastQueue(1);
            if (_turns.Count == 0 || _writers == writersMax)
            {
                return;
            }

            _writers++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        (object, string) line;
        IBroadcastWork work;
        lock (_gate)
        {
            if (!_turns.TryDequeue(out line))
            {
                _writers--;
                return;
            }

            work = _lines[line].Peek();
        }

        if (End(line, IsDone(work)))
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
    private bool End((object, string) line, bool isDone)
    {
        lock (_gate)
        {
            var waiting = _lines[line];
            if (isDone)
            {
                waiting.Dequeue();
                instruments.BroadcastQueue(-1);
            }

            if (waiting.Count > 0)
            {
                _turns.Enqueue(line);
            }
            else
            {
                _lines.Remove(line);
                instruments.BroadcastProducts(-1);
            }

            if (_turns.Count > 0)
            {
                return true;
            }

            _writers--;
            return false;
        }
    }
}
