using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orleans;

namespace IotPlatform.Embedded;

/// <summary>
/// Runs grains in this process: the part of the Orleans programming model that this platform's grains use, without a network and without
/// a build step. An object with a lifetime; two of them know nothing of each other.
/// </summary>
public sealed class EmbeddedEngine : IGrainFactory, IAsyncDisposable
{
    /// <summary>How often response timeouts are looked at. Source: Orleans scans once a second.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(1);

    private readonly FrozenDictionary<Type, GrainHome[]> _homes;
    private readonly ConditionalWeakTable<IGrainObserver, ObserverTarget> _observers = [];
    private readonly ResponseDeadlines _deadlines;
    private readonly ITimer _sweepTimer;
    private readonly ITimer _collectionTimer;
    private readonly EngineInstruments _instruments;
    private long _coarseNow;
    private long _rejected;

    /// <summary>Starts an engine.</summary>
    /// <exception cref="ArgumentException">A grain interface breaks a rule of grain contracts.</exception>
    public EmbeddedEngine(IServiceProvider services, EmbeddedEngineOptions options, TimeProvider time, ILogger<EmbeddedEngine> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        (Services, Options, Time, Logger) = (services, options, time, logger);
        _coarseNow = time.GetUtcNow().Ticks;
        _deadlines = new ResponseDeadlines(time, options.ResponseTimeout);
        _homes = FindHomes(options);
        _instruments = new EngineInstruments(this);
        _sweepTimer = time.CreateTimer(static self => ((EmbeddedEngine)self!).Sweep(), this, SweepPeriod, SweepPeriod);
        _collectionTimer = time.CreateTimer(static self => ((EmbeddedEngine)self!).CollectIdle(), this, options.CollectionQuantum, options.CollectionQuantum);
    }

    /// <summary>Activations in memory.</summary>
    public int ActivationCount => AllHomes().Sum(static home => home.Count);

    /// <summary>Calls whose callers gave up waiting.</summary>
    public long TimedOutCount => _deadlines.TimedOut;

    /// <summary>Calls that wait for their answers, by interface and method. Those that may wait for ever are not among them.</summary>
    public IEnumerable<(string Method, int Count)> WaitingCalls => _deadlines.Waiting().Select(static waiting => (waiting.Key.Name, waiting.Value));

    /// <summary>Calls refused because too many were waiting.</summary>
    public long RejectedCount => Interlocked.Read(ref _rejected);

    internal IServiceProvider Services { get; }

    internal EmbeddedEngineOptions Options { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal bool IsStopping { get; private set; }

    /// <summary>UTC ticks, up to a second old: precise enough for collection ages, and free to read.</summary>
    internal long CoarseNow => Volatile.Read(ref _coarseNow);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        var reference = InterfaceContract.Of(typeof(TGrainInterface)).NewReference();
        ((GrainReference)reference).Bind(HomeOf(typeof(TGrainInterface), grainClassNamePrefix), primaryKey);
        return (TGrainInterface)reference;
    }

    /// <inheritdoc/>
    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is Grain or ObserverReference)
        {
            throw new ArgumentException("An observer is an object outside the grains.", nameof(obj));
        }

        var reference = InterfaceContract.Of(typeof(TGrainObserverInterface)).NewReference();
        ((ObserverReference)reference).Bind(_observers.GetValue(obj, o => new ObserverTarget(this, o)));
        return (TGrainObserverInterface)reference;
    }

    /// <inheritdoc/>
    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        var observer = obj is ObserverReference reference ? reference.Target.Observer : obj;
        if (observer is null || !_observers.TryGetValue(observer, out var target))
        {
            throw new ArgumentException("No reference was made to this object.", nameof(obj));
        }

        target.Delete();
        _observers.Remove(observer);
    }

    /// <summary>Deactivates every grain, each within <see cref="EmbeddedEngineOptions.DeactivationTimeout"/>; calls from here on are refused.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsStopping)
        {
            return;
        }

        IsStopping = true;
        await _collectionTimer.DisposeAsync();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The engine is stopping.");
        Activation[] activations = [.. AllHomes().SelectMany(static home => home.All())];
        foreach (var activation in activations)
        {
            activation.Deactivate(reason);
        }

        await Task.WhenAll(activations.Where(static a => a.Grain is not null).Select(static a => a.Deactivated))
            .WaitAsync(Options.DeactivationTimeout, Time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _sweepTimer.DisposeAsync();
        _instruments.Dispose();
    }

    internal PendingCall NewPendingCall(MethodContract method, CalleeToken? token)
    {
        var call = method.NewPendingCall();
        _deadlines.Add(call);
        call.CancelWith(token);
        return call;
    }

    internal void CountRejected() => Interlocked.Increment(ref _rejected);

    private static bool HasPrefix(GrainHome home, string? prefix) =>
        prefix is null || home.GrainClass.Name.StartsWith(prefix, StringComparison.Ordinal);

    private GrainHome HomeOf(Type contract, string? classNamePrefix)
    {
        var homes = _homes.GetValueOrDefault(contract)
            ?? throw new ArgumentException($"No grain class implements {contract}. Is its assembly among {nameof(EmbeddedEngineOptions.GrainAssemblies)}?");
        if (homes.Length == 1 && classNamePrefix is null)
        {
            return homes[0];
        }

        GrainHome[] candidates = [.. homes.Where(home => HasPrefix(home, classNamePrefix))];
        return candidates.Length == 1
            ? candidates[0]
            : throw new ArgumentException($"{candidates.Length} grain classes implement {contract} and begin with '{classNamePrefix}'; one must.");
    }

    private FrozenDictionary<Type, GrainHome[]> FindHomes(EmbeddedEngineOptions options)
    {
        var homes = options.GrainAssemblies.Distinct()
            .SelectMany(static assembly => assembly.GetTypes())
            .Where(GrainClass.IsGrainClass)
            .Select(type => GrainHome.For(this, new GrainClass(type)))
            .ToArray();
        return homes
            .SelectMany(static home => home.GrainClass.Interfaces.Select(contract => (contract, home)))
            .ToLookup(static pair => pair.contract, static pair => pair.home)
            .ToFrozenDictionary(static group => group.Key, static group => group.ToArray());
    }

    private IEnumerable<GrainHome> AllHomes() => _homes.Values.SelectMany(static homes => homes).Distinct();

    private void Sweep()
    {
        Volatile.Write(ref _coarseNow, Time.GetUtcNow().Ticks);
        _deadlines.Sweep();
    }

    private void CollectIdle()
    {
        var now = Time.GetUtcNow().Ticks;
        Volatile.Write(ref _coarseNow, now);
        foreach (var activation in AllHomes().SelectMany(static home => home.All()))
        {
            activation.CollectIfIdle(now, Options.CollectionAge.Ticks);
        }
    }
}
