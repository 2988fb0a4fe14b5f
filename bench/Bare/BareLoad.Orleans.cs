using System.Diagnostics;
using System.Globalization;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Bare;

/// <summary>Calls grains, so many at a time, and times that.</summary>
internal sealed class BareLoad
{
    private const int Grains = 1_000;

    private readonly IGrainFactory _grains;
    private readonly IBareGrain[] _known;

    // The client holds observers weakly.
    private readonly BareObserver _observer = new();
    private readonly IBareObserver _reference;
    private int _nextFresh;

    public BareLoad(IGrainFactory grains)
    {
        _grains = grains;
        _known = [.. Enumerable.Range(0, Grains).Select(index => grains.GetGrain<IBareGrain>(KeyOf(index)))];
        _reference = grains.CreateObjectReference<IBareObserver>(_observer);
    }

    /// <summary>Makes so many calls of a kind and answers how many seconds that took.</summary>
    public async Task<double> RunAsync(string kind, int calls, int atOnce)
    {
        var left = calls;
        var startedAt = Stopwatch.GetTimestamp();
        var loops = new Task[atOnce];
        for (var loop = 0; loop < atOnce; loop++)
        {
            // On the pool, as calls are made that come from many connections.
            loops[loop] = Task.Run(LoopAsync);
        }

        await Task.WhenAll(loops);
        GC.KeepAlive(_observer);
        return Stopwatch.GetElapsedTime(startedAt).TotalSeconds;

        async Task LoopAsync()
        {
            for (var number = Interlocked.Decrement(ref left); number >= 0; number = Interlocked.Decrement(ref left))
            {
                var answer = await Call(kind, number);
                Debug.Assert(answer == number, "A grain gave a wrong answer.");
            }
        }
    }

    private static string KeyOf(int index) => string.Create(CultureInfo.InvariantCulture, $"bare/{index:D8}");

    private Task<long> Call(string kind, int number) => kind switch
    {
        BareOrleans.Call => _known[number % Grains].PingAsync(number),
        BareOrleans.RoundTrip => _known[number % Grains].RoundTripAsync(_reference, number),
        BareOrleans.Activation => _grains.GetGrain<IBareGrain>(KeyOf(Grains + Interlocked.Increment(ref _nextFresh))).PingAsync(number),
        _ => throw new ArgumentException($"{kind} is no kind of call."),
    };
}
