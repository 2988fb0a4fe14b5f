namespace IotPlatform.Engine.Tests;

public sealed class HolderGrain : Grain, IHolderGrain, ICounterGrain
{
    private int _count;

    public Task<bool> IsSelfAsync(IHolderGrain reference) =>
        Task.FromResult(reference.Equals(GrainFactory.GetGrain<IHolderGrain>(this.GetPrimaryKeyString())));

    public Task<string> KeyOfAsync(ICallGrain reference) => reference.KeyAsync();

    public Task IncrementAsync()
    {
        _count++;
        return Task.CompletedTask;
    }

    public Task<int> CountAsync() => Task.FromResult(_count);

    public Task<ICallGrain> OtherAsync(string key) => Task.FromResult(GrainFactory.GetGrain<ICallGrain>(key));
}
