namespace IotPlatform.Bench.Bare;

internal sealed class BareObserver : IBareObserver
{
    public Task<long> TellAsync(long value) => Task.FromResult(value);
}
