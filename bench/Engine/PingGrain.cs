using Orleans;

namespace IotPlatform.Bench.Engine;

internal sealed class PingGrain : Grain, IPingGrain
{
    public Task<int> PingAsync(int value) => Task.FromResult(value);

    public async Task<int> YieldAsync(int value)
    {
        await Task.Yield();
        return value;
    }
}
