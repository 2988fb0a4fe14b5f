using System.Collections.Concurrent;
using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <summary>Where the activations of one grain class live, by key.</summary>
internal abstract class GrainHome(EmbeddedEngine engine, GrainClass grainClass)
{
    public EmbeddedEngine Engine => engine;

    public GrainClass GrainClass => grainClass;

    /// <summary>Whether a key has one activation at most, so that references may remember it.</summary>
    public abstract bool IsOnePerKey { get; }

    public abstract int Count { get; }

    public static GrainHome For(EmbeddedEngine engine, GrainClass grainClass) =>
        grainClass.MaxLocalWorkers is { } workers ? new StatelessWorkerHome(engine, grainClass, workers) : new OnePerKeyHome(engine, grainClass);

    public static SiloUnavailableException Stopped() => new("The engine is stopping.");

    /// <summary>An activation that may take a request; null while the engine is stopping.</summary>
    public Activation? GetOrAdd(string key) => engine.IsStopping ? null : GetOrAddCore(key);

    /// <summary>Hands a request to an activation that takes it.</summary>
    public void Send(string key, Work work)
    {
        while (true)
        {
            if (GetOrAdd(key) is not { } activation)
            {
                work.Reject(Stopped());
                return;
            }

            if (activation.TrySend(work))
            {
                return;
            }
        }
    }

    public abstract void Remove(Activation activation);

    public abstract IEnumerable<Activation> All();

    protected abstract Activation GetOrAddCore(string key);

    private sealed class OnePerKeyHome(EmbeddedEngine engine, GrainClass grainClass) : GrainHome(engine, grainClass)
    {
        private readonly ConcurrentDictionary<string, Activation> _activations = new(StringComparer.Ordinal);

        public override bool IsOnePerKey => true;

        public override int Count => _activations.Count;

        public override void Remove(Activation activation) => _activations.TryRemove(new(activation.Key, activation));

        public override IEnumerable<Activation> All() => _activations.Select(static pair => pair.Value);

        protected override Activation GetOrAddCore(string key) =>
            _activations.TryGetValue(key, out var activation)
                ? activation
                : _activations.GetOrAdd(key, static (k, home) => new Activation(home, k), this);
    }

    private sealed class StatelessWorkerHome(EmbeddedEngine engine, GrainClass grainClass, int maxLocalWorkers) : GrainHome(engine, grainClass)
    {
        private readonly ConcurrentDictionary<string, Activation[]> _workers = new(StringComparer.Ordinal);

        public override bool IsOnePerKey => false;

        public override int Count => _workers.Sum(static pair => pair.Value.Length);

        public override void Remove(Activation activation)
        {
            lock (_workers)
            {
                if (!_workers.TryGetValue(activation.Key, out var workers))
                {
                    return;
                }

                Activation[] rest = [.. workers.Where(w => w != activation)];
                if (rest.Length == 0)
                {
                    _workers.TryRemove(activation.Key, out _);
                }
                else
                {
                    _workers[activation.Key] = rest;
                }
            }
        }

        public override IEnumerable<Activation> All() => _workers.SelectMany(static pair => pair.Value);

        protected override Activation GetOrAddCore(string key) =>
            _workers.TryGetValue(key, out var workers) && Array.Find(workers, static w => w.IsFree) is { } free ? free : Add(key);

        private Activation Add(string key)
        {
            lock (_workers)
            {
                var workers = _workers.GetValueOrDefault(key) ?? [];
                if (workers.Length >= maxLocalWorkers)
                {
                    return workers[Random.Shared.Next(workers.Length)];
                }

                var worker = new Activation(this, key);
                _workers[key] = [.. workers, worker];
                return worker;
            }
        }
    }
}
