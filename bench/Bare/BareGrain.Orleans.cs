using Orleans.Concurrency;

namespace IotPlatform.Bench.Bare;

// As a device grain is.
[Reentrant]
internal sealed class BareGrain : Grain, IBareGrain
{
    public Task<long> PingAsync(long value) => Task.FromResult(value);

    public Task<long> RoundTripAsync(IBareObserver observer, long value) => observer.TellAsync(value);
}
